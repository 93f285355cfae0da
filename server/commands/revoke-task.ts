/** Somebody revokes a task, or ends it where it runs. */
import type { Operation, Signal } from '#lib/contract/control.ts';
import { isEnded } from '#lib/model/task.ts';
import type { ActionId } from '#lib/permissions.ts';
import type { Gated } from '#server/http/gate.ts';
import { type ActContext, actError, handsOf } from './act.ts';

/** What the audit calls a task. */
export function taskTarget(id: string): string {
  return `tasks/${id}`;
}

/**
 * Begins it; `signal` null = only revoke. A task that Trellis does not know is revoked all the same.
 * @throws Error with code CELERY_OFF, TASK_ENDED, OPERATION_UNDER_WAY or HISTORY_UNAVAILABLE; nothing was sent
 */
export async function revokeTask(
  ctx: ActContext,
  id: string,
  signal: Signal | null,
  { request, identity, reason }: Omit<Gated<unknown>, 'body'>,
): Promise<Operation> {
  const { control, tasks } = handsOf(ctx);
  const state = (await tasks.task(id))?.task.state;
  if (state !== undefined && isEnded(state)) throw actError('TASK_ENDED', `The task has ended: it is ${state}.`);
  const target = taskTarget(id);
  const action: ActionId = signal === null ? 'task.revoke' : 'task.terminate';
  const start = { id: request, action, target, exclusive: target, identity, reason };
  const how = { terminate: signal !== null, signal: signal ?? 'SIGTERM' } as const;
  return ctx.operations.start(start, (handle) => control.revoke([id], how, handle.signal, handle.step));
}
