import type { DrillsAnswer } from '#lib/contract/drills.ts';
import { answerDrills } from '#server/commands/answer-drills.ts';
import { json } from '#server/http/respond.ts';

/** The catalog: what each drill proves, what it can be aimed at now, and how it went before. */
export function GET(request: Request): Promise<Response> {
  return answerDrills(request, async ({ drills, clock }) => {
    const entries = await drills.entries();
    return json({ now: clock(), drills: entries, active: drills.active } satisfies DrillsAnswer);
  });
}
