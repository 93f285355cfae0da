/** Somebody calls an operation off. */
import type { Operation, OperationAnswer } from '#lib/contract/control.ts';
import type { ActionId } from '#lib/permissions.ts';
import type { Effect } from '#server/http/gate.ts';
import { type ActContext, actError } from './act.ts';

type Context = Pick<ActContext, 'operations' | 'clock'>;

/** The operation. @throws Error with code OPERATION_UNKNOWN */
export function operationOf({ operations }: Context, id: string): Operation {
  const found = operations.get(id);
  if (found !== null) return found;
  throw actError(
    'OPERATION_UNKNOWN',
    `There is no operation ${id}. Trellis forgets them when it ends; its audit does not.`,
  );
}

/** What calling it off needs the permission for: what it does itself. */
export function abortAction({ operations }: Context, id: string): ActionId {
  return operations.get(id)?.action ?? 'worker.inspect';
}

/** Calls it off. @throws Error with code OPERATION_UNKNOWN or OPERATION_ENDED */
export async function abortOperation(ctx: Context, id: string): Promise<Effect> {
  const operation = operationOf(ctx, id);
  if (!ctx.operations.abort(id)) throw actError('OPERATION_ENDED', `It has ended: ${operation.stage}.`);
  const body: OperationAnswer = { now: ctx.clock(), operation: operationOf(ctx, id) };
  return { status: 202, body, outcome: 'done', details: { operation: id, stage: operation.stage } };
}
