import { abortSchema } from '#lib/contract/control.ts';
import { abortAction, abortOperation } from '#server/commands/abort-operation.ts';
import { ACT_STATUSES } from '#server/commands/act.ts';
import { pathStep } from '#server/commands/path-step.ts';
import { gated } from '#server/http/gate.ts';
import { runtime } from '#server/runtime/slot.ts';

/** Calls an operation off. Who may begin one may end it. */
export function POST(request: Request): Promise<Response> {
  const id = pathStep(request, 1) ?? '';
  const action = () => abortAction(runtime(), id);
  const rule = { action, schema: abortSchema, target: () => `operations/${id}`, statuses: ACT_STATUSES };
  return gated(request, rule, async () => abortOperation(runtime(), id));
}
