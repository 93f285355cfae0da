/** What a commit adds to the counts of events: the difference between two states of one task. Pure. */
import { isEnded, type Task } from '#lib/model/task.ts';
import type { TaskTimes } from '#server/history/tasks/store.ts';

/** Celery's events that both dialects of metrics count, in the order in which they happen. */
export const COUNTED_EVENTS = [
  'sent',
  'received',
  'started',
  'succeeded',
  'failed',
  'rejected',
  'revoked',
  'retried',
] as const;
export type CountedEvent = (typeof COUNTED_EVENTS)[number];

/** How many of each happened anew. */
export type TaskNews = Readonly<Record<CountedEvent, number>>;

const END: Readonly<Partial<Record<Task['state'], CountedEvent>>> = {
  SUCCESS: 'succeeded',
  FAILURE: 'failed',
  REJECTED: 'rejected',
  REVOKED: 'revoked',
};

/** What is new in `after`; `before` null = the task was not known. What a broker delivered again is not counted. */
export function newsOf(before: TaskTimes | null, after: TaskTimes): TaskNews {
  const grown = (count: (task: TaskTimes) => number) =>
    Math.max(0, count(after) - (before === null ? 0 : count(before)));
  const end = before?.state === after.state ? undefined : END[after.state];
  const ended = (event: CountedEvent) => (end === event ? 1 : 0);
  return {
    sent: grown(sends),
    received: grown(receptions),
    started: grown(starts),
    ...{ succeeded: ended('succeeded'), failed: ended('failed') },
    ...{ rejected: ended('rejected'), revoked: ended('revoked') },
    retried: grown(({ retries }) => retries),
  };
}

function sends({ sentAt, retries }: TaskTimes): number {
  return sentAt === null ? 0 : 1 + retries;
}

/** A task keeps the time of its first reception only, but every retry is one more. */
function receptions({ receivedAt, retries, state }: TaskTimes): number {
  if (receivedAt === null) return 0;
  return Math.max(1, retries + (state === 'RETRY' || state === 'PENDING' ? 0 : 1));
}

/** As with receptions; the newest attempt counts once it runs. */
function starts({ startedAt, retries, state }: TaskTimes): number {
  if (startedAt === null) return 0;
  return Math.max(1, retries + (state === 'STARTED' || (isEnded(state) && state !== 'REVOKED') ? 1 : 0));
}
