import { abortRunSchema } from '#lib/contract/drills.ts';
import { abortRun } from '#server/commands/abort-run.ts';
import { DRILL_RULE } from '#server/commands/drill-rules.ts';
import { pathStep } from '#server/commands/path-step.ts';
import { gated } from '#server/http/gate.ts';
import { runtime } from '#server/runtime/slot.ts';

/** Ends a run early; what it did is taken back. */
export function POST(request: Request): Promise<Response> {
  const id = pathStep(request, 1) ?? '';
  const rule = { ...DRILL_RULE.end, schema: abortRunSchema, target: () => `runs/${id}` };
  return gated(request, rule, async (wish) => abortRun(runtime(), id, wish));
}
