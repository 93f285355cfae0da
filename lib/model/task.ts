/**
 * A Celery task as its events tell it. The events are canonical: every other field is derived from the set of them
 * (`server/ingest/merge.ts`), so that neither their order nor a repetition changes a task. Times are epoch milliseconds.
 */

/** Celery's states, and `ORPHANED`: was running on a worker that is gone, and nobody knows its end. */
export const TASK_STATES = [
  'PENDING',
  'RECEIVED',
  'STARTED',
  'RETRY',
  'SUCCESS',
  'FAILURE',
  'REVOKED',
  'REJECTED',
  'ORPHANED',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** The states after which nothing more is expected. `ORPHANED` is none: its true end may still be found. */
export const ENDED_STATES = ['SUCCESS', 'FAILURE', 'REVOKED', 'REJECTED'] as const satisfies readonly TaskState[];

/** What happened to a task, in Celery's words without `task-`; `result` = read in the result store, `orphaned` = judged by Trellis. */
export const TASK_EVENT_TYPES = [
  'sent',
  'received',
  'started',
  'succeeded',
  'failed',
  'retried',
  'revoked',
  'rejected',
  'cancelled',
  'custom',
  'result',
  'orphaned',
] as const;
export type TaskEventType = (typeof TASK_EVENT_TYPES)[number];

/** One thing that happened to a task. */
export type TaskEvent = {
  type: TaskEventType;
  /** By the clock of who said it (epoch ms, with fractions); one that lies in the future by more than the allowed skew is set back. */
  at: number;
  /** The worker's node name, `gen<pid>@host` of a publisher, or null for what Trellis found itself. */
  by: string | null;
  pid: number | null;
  /**
   * Name of a custom event without `task-`; the reason and evidence of `orphaned`; `status` of a `result`; `expired` or
   * `terminated` of `revoked`; `requeued` of `rejected`.
   */
  note: string | null;
  /** Retries so far, as `received` and `sent` tell them. */
  retries: number | null;
};

export type Task = {
  /** Celery's task id. */
  id: string;
  /** null until some event told it. */
  name: string | null;
  state: TaskState;
  worker: string | null;
  queue: string | null;
  /** As Celery printed them, cut where Celery cuts; null = not told. */
  args: string | null;
  kwargs: string | null;
  /** What it returned, as Celery printed it. */
  result: string | null;
  /** The exception as Celery printed it: `ValueError('x')`. */
  exception: string | null;
  sentAt: number | null;
  receivedAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
  /** The place in lists: the first that is known of sent, received, started, finished. */
  at: number;
  /** The worker's own measure of the last run. */
  runtimeMs: number | null;
  /** From sent, or its eta where that is later, to its first start; null where one is not known. */
  waitMs: number | null;
  /** Retries that the task asked for itself. */
  retries: number;
  /** How often a worker got it beyond the first time and its retries: a broker delivered it again. */
  redeliveries: number;
  eta: number | null;
  expires: number | null;
  rootId: string | null;
  parentId: string | null;
  groupId: string | null;
  /** Published by Trellis itself: stays out of throughput figures. */
  canary: boolean;
  /** Where its end comes from; null while it has none. */
  endedBy: 'events' | 'result store' | null;
};

/** All that is known of one task. */
export type TaskDetail = Task & {
  traceback: string | null;
  exchange: string | null;
  routingKey: string | null;
  /** Oldest first, by their own clocks. */
  events: readonly TaskEvent[];
};

/** True when nothing more is expected of a task in this state. */
export function isEnded(state: TaskState): boolean {
  return (ENDED_STATES as readonly TaskState[]).includes(state);
}
