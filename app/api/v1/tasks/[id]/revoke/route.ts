import { revokeSchema as schema } from '#lib/contract/control.ts';
import { ACT_STATUSES, begun } from '#server/commands/act.ts';
import { pathStep } from '#server/commands/path-step.ts';
import { revokeTask, taskTarget } from '#server/commands/revoke-task.ts';
import { gated } from '#server/http/gate.ts';
import { runtime } from '#server/runtime/slot.ts';

/** Tells all workers to discard the task of the address when its turn comes. */
export function POST(request: Request): Promise<Response> {
  const id = pathStep(request, 1) ?? '';
  const rule = { action: 'task.revoke', schema, target: () => taskTarget(id), statuses: ACT_STATUSES } as const;
  return gated(request, rule, async (gate) => begun(runtime(), await revokeTask(runtime(), id, null, gate)));
}
