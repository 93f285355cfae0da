import { answerDrills } from '#server/commands/answer-drills.ts';
import { json } from '#server/http/respond.ts';

/** What high availability costs while all is well: the estate beside one broker and one Redis, as it was measured last. */
export function GET(request: Request): Promise<Response> {
  return answerDrills(request, async ({ drills }) => json(await drills.overview()));
}
