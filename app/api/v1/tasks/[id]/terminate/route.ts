import { terminateSchema as schema } from '#lib/contract/control.ts';
import { ACT_STATUSES, begun } from '#server/commands/act.ts';
import { pathStep } from '#server/commands/path-step.ts';
import { revokeTask, taskTarget } from '#server/commands/revoke-task.ts';
import { gated } from '#server/http/gate.ts';
import { runtime } from '#server/runtime/slot.ts';

/** Ends the task of the address where it runs. */
export function POST(request: Request): Promise<Response> {
  const id = pathStep(request, 1) ?? '';
  const rule = { action: 'task.terminate', schema, target: () => taskTarget(id), statuses: ACT_STATUSES } as const;
  return gated(request, rule, async (gate) =>
    begun(runtime(), await revokeTask(runtime(), id, gate.body.signal, gate)),
  );
}
