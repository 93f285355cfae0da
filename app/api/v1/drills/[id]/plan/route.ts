import { type DrillPlanAnswer, planRequestSchema } from '#lib/contract/drills.ts';
import { answerDrills, drillOf } from '#server/commands/answer-drills.ts';
import { pathStep } from '#server/commands/path-step.ts';
import { readJson } from '#server/http/request.ts';
import { json } from '#server/http/respond.ts';

/** A dry run: what the drill would do to the target now, and what stands against it. It changes nothing. */
export function POST(request: Request): Promise<Response> {
  return answerDrills(request, async ({ drills, clock }) => {
    const read = await readJson(request, planRequestSchema);
    if ('refused' in read) return read.refused;
    const plan = await drills.plan(drillOf(pathStep(request, 1)), read.body.target);
    return json({ now: clock(), plan } satisfies DrillPlanAnswer);
  });
}
