/** Revokes or retries all tasks under a filter: looked at first, and done only while they are still the same. */
import { createHash } from 'node:crypto';
import {
  BULK_LIMIT,
  type BulkAction,
  type BulkPreview,
  type BulkWish,
  type ControlOutcome,
  type Operation,
} from '#lib/contract/control.ts';
import { TASK_LIMIT, type TaskFilter } from '#lib/contract/tasks.ts';
import { isEnded, TASK_STATES, type Task, type TaskState } from '#lib/model/task.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import type { Gated } from '#server/http/gate.ts';
import { type ActContext, actError, handsOf } from './act.ts';
import { bulkRetry } from './bulk-retry.ts';
import { bulkRevoke } from './bulk-revoke.ts';
import { twiceBecause } from './retry-plan.ts';

const SAMPLE = 10;

/** What the audit calls the target. */
export const BULK_TARGET = 'tasks/bulk';

/** What a bulk action would be done to. @throws Error with code CELERY_OFF, SEARCH_INVALID or HISTORY_UNAVAILABLE */
export async function previewBulk(
  ctx: ActContext,
  { action, filter }: Pick<BulkWish, 'action' | 'filter'>,
): Promise<BulkPreview> {
  const { tasks } = handsOf(ctx);
  const now = ctx.clock();
  const chosen = await choose(tasks, action, filter, now);
  const { total } = await tasks.counts(filter, now);
  return {
    ...{ now, action, count: Math.min(chosen.length, BULK_LIMIT), tooMany: chosen.length > BULK_LIMIT },
    left: Math.max(0, total - chosen.length),
    twice: action === 'retry' ? chosen.filter((task) => twiceBecause(task) !== null).length : 0,
    sample: chosen.slice(0, SAMPLE),
    fingerprint: fingerprintOf(action, chosen),
  };
}

/**
 * Begins it.
 * @throws Error with code CELERY_OFF, BULK_CHANGED (other tasks match than in the preview), BULK_TOO_MANY, OPERATION_UNDER_WAY,
 * SEARCH_INVALID or HISTORY_UNAVAILABLE; nothing was done
 */
export async function runBulk(
  ctx: ActContext,
  { body: wish, request, identity, reason }: Gated<BulkWish>,
): Promise<Operation> {
  const hands = handsOf(ctx);
  const { action, filter, count, fingerprint, twice } = wish;
  const chosen = await choose(hands.tasks, action, filter, ctx.clock());
  if (chosen.length > BULK_LIMIT)
    throw actError('BULK_TOO_MANY', `More than ${BULK_LIMIT} tasks match. Narrow the filter.`);
  if (chosen.length !== count || fingerprintOf(action, chosen) !== fingerprint) {
    const text = `Other tasks match now than in the preview: ${chosen.length}, and there were ${count}. Look again.`;
    throw actError('BULK_CHANGED', text);
  }
  const start = {
    id: request,
    action: ACTION_IDS[action],
    target: BULK_TARGET,
    exclusive: BULK_TARGET,
    identity,
    reason,
  };
  return ctx.operations.start(
    start,
    (handle): Promise<ControlOutcome> =>
      action === 'revoke' ? bulkRevoke(hands, chosen, handle) : bulkRetry(hands, chosen, twice, handle),
  );
}

const ACTION_IDS = { revoke: 'task.revoke', retry: 'task.retry' } as const satisfies Record<BulkAction, string>;

/** The action of a wish, for permissions and the audit. */
export function bulkAction({ action }: Pick<BulkWish, 'action'>): (typeof ACTION_IDS)[BulkAction] {
  return ACTION_IDS[action];
}

/** Of which ids there is talk, whatever their order. */
export function fingerprintOf(action: BulkAction, tasks: readonly Pick<Task, 'id'>[]): string {
  const ids = tasks.map(({ id }) => id).sort();
  return createHash('sha256')
    .update(JSON.stringify([action, ids]))
    .digest('hex');
}

/** States in which an action can be done: what has ended is not revoked, and what will run by itself is not retried. */
export function statesFor(action: BulkAction): readonly TaskState[] {
  if (action === 'revoke') return TASK_STATES.filter((state) => !isEnded(state));
  return TASK_STATES.filter((state) => isEnded(state) || state === 'ORPHANED');
}

/** Matching tasks, oldest first; one more than the limit, where there are more. */
async function choose(
  tasks: TaskReader,
  action: BulkAction,
  filter: TaskFilter,
  now: number,
): Promise<readonly Task[]> {
  const wanted = filter.state ?? [];
  const state = statesFor(action).filter((one) => wanted.length === 0 || wanted.includes(one));
  const chosen = new Map<string, Task>();
  if (state.length === 0) return [];
  let after: string | undefined;
  do {
    const query = { ...filter, state: [...state], limit: TASK_LIMIT.max, sort: 'oldest' as const };
    const page = await tasks.tasks(after === undefined ? query : { ...query, after }, now);
    // One that changed between two pages may come twice.
    for (const task of page.tasks) chosen.set(task.id, task);
    after = page.next ?? undefined;
  } while (after !== undefined && chosen.size <= BULK_LIMIT);
  return [...chosen.values()].slice(0, BULK_LIMIT + 1);
}
