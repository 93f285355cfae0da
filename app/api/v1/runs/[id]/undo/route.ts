import { undoRunSchema } from '#lib/contract/drills.ts';
import { DRILL_RULE } from '#server/commands/drill-rules.ts';
import { pathStep } from '#server/commands/path-step.ts';
import { undoLostRun } from '#server/commands/undo-run.ts';
import { gated } from '#server/http/gate.ts';
import { runtime } from '#server/runtime/slot.ts';

/** Takes back what a lost run left. */
export function POST(request: Request): Promise<Response> {
  const id = pathStep(request, 1) ?? '';
  const rule = { ...DRILL_RULE.end, schema: undoRunSchema, target: () => `runs/${id}` };
  return gated(request, rule, async () => undoLostRun(runtime(), id));
}
