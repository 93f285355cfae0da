import { sendSchema } from '#lib/contract/control.ts';
import { ACT_STATUSES, begun } from '#server/commands/act.ts';
import { sendTarget, sendTask } from '#server/commands/send-task.ts';
import { gated } from '#server/http/gate.ts';
import { runtime } from '#server/runtime/slot.ts';

/** Sends a task by its name. */
export function POST(request: Request): Promise<Response> {
  const rule = { action: 'task.send', schema: sendSchema, target: sendTarget, statuses: ACT_STATUSES } as const;
  return gated(request, rule, async (gate) => begun(runtime(), await sendTask(runtime(), gate)));
}
