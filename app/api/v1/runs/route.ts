import { type RunsAnswer, runsQuerySchema, startRunSchema } from '#lib/contract/drills.ts';
import { answerDrills } from '#server/commands/answer-drills.ts';
import { DRILL_RULE } from '#server/commands/drill-rules.ts';
import { startRun } from '#server/commands/start-run.ts';
import { gated } from '#server/http/gate.ts';
import { json, problem } from '#server/http/respond.ts';
import { runtime } from '#server/runtime/slot.ts';

/** The runs, newest first. */
export async function GET(request: Request): Promise<Response> {
  const query = runsQuerySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!query.success) return problem(400, 'INVALID_QUERY', query.error.issues.map(({ message }) => message).join('; '));
  return answerDrills(request, async ({ drills, clock }) =>
    json({ now: clock(), runs: await drills.runs(query.data) } satisfies RunsAnswer),
  );
}

/** Starts a drill, by the plan that was read. */
export function POST(request: Request): Promise<Response> {
  const rule = { ...DRILL_RULE.start, schema: startRunSchema };
  return gated(request, rule, async (wish) => startRun(runtime(), wish));
}
