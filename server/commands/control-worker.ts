/** Somebody commands a worker. */
import type { Operation, WorkerCommand } from '#lib/contract/control.ts';
import { actionOfCommand, EVERY_WORKER } from '#lib/contract/control.ts';
import type { Gated } from '#server/http/gate.ts';
import { type ActContext, handsOf } from './act.ts';

/** What the audit calls the target of a command. */
export function commandTarget({ worker }: Pick<WorkerCommand, 'worker'>): string {
  return `workers/${worker ?? EVERY_WORKER}`;
}

/**
 * Begins it; one command at a time for each worker.
 * @throws Error with code CELERY_OFF or OPERATION_UNDER_WAY; nothing was sent
 */
export function controlWorker(ctx: ActContext, { body: command, request, ...who }: Gated<WorkerCommand>): Operation {
  const { control } = handsOf(ctx);
  const target = commandTarget(command);
  const start = { id: request, action: actionOfCommand(command), target, exclusive: target, ...who };
  return ctx.operations.start(start, ({ signal, step }) => control.command(command, signal, step));
}
