/** What commands that act on Celery have in common: the hands, the answer that says that they have begun, and their problems. */
import type { Operation, OperationAnswer } from '#lib/contract/control.ts';
import type { Effect } from '#server/http/gate.ts';
import type { Hands } from './hands.ts';
import type { Operations } from './operations.ts';

/** As much of the running Trellis as they need. */
export type ActContext = { hands: Hands | null; operations: Operations; clock: () => number };

/** HTTP status of the answer, by the code of what a command throws. */
export const ACT_STATUSES = {
  CELERY_OFF: 404,
  TASK_UNKNOWN: 404,
  OPERATION_UNKNOWN: 404,
  OPERATION_UNDER_WAY: 409,
  OPERATION_ENDED: 409,
  TASK_ENDED: 409,
  RETRY_REFUSED: 409,
  WOULD_RUN_TWICE: 409,
  TASK_UNREGISTERED: 409,
  BULK_CHANGED: 409,
  BULK_TOO_MANY: 409,
  PUBLISH_UNROUTABLE: 409,
  INPUT_INVALID: 400,
  SEARCH_INVALID: 400,
  PUBLISH_REFUSED: 503,
  PUBLISH_UNCONFIRMED: 503,
  BROKER_UNREACHABLE: 503,
  HISTORY_UNAVAILABLE: 503,
  INSPECT_BUSY: 503,
} as const;
export type ActCode = keyof typeof ACT_STATUSES;

/** An error that is answered with the status of its code. */
export function actError(code: ActCode, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** The hands. @throws Error with code CELERY_OFF where there are none */
export function handsOf({ hands }: Pick<ActContext, 'hands'>): Hands {
  if (hands !== null) return hands;
  const needs = 'a section `celery` and credentials under `acting.rabbitmq`';
  throw actError('CELERY_OFF', `This Trellis cannot act on Celery: trellis.yaml needs ${needs}.`);
}

/** The answer to a write that goes on: 202. Its end is not known yet, and the audit says so until it is. */
export function begun({ clock }: Pick<ActContext, 'clock'>, operation: Operation): Effect {
  const body: OperationAnswer = { now: clock(), operation };
  const { id, stage, tasks } = operation;
  return { status: 202, body, outcome: 'not-verified', details: { operation: id, stage, tasks } };
}
