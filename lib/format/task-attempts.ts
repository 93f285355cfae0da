/**
 * The attempts at a task, from its events: each time that a worker got it. Events of different processes come in any
 * order (a retry may be received before its cause is told), so they are matched by worker and retry, not by sequence.
 */
import type { TaskEvent } from '#lib/model/task.ts';

/** `first` delivery, `retry` = the task asked for it, `redelivery` = a broker gave it out again. */
export const ATTEMPT_REASONS = ['first', 'retry', 'redelivery'] as const;
export type AttemptReason = (typeof ATTEMPT_REASONS)[number];

/** How an attempt ended, as an event told it. */
export type AttemptEnd = Exclude<TaskEvent['type'], 'sent' | 'received' | 'started' | 'custom'>;

/** Times are epoch ms; null = not told, or not yet. */
export type Attempt = {
  reason: AttemptReason;
  worker: string | null;
  /** Retries before it; null = not told. */
  retries: number | null;
  sentAt: number | null;
  receivedAt: number | null;
  startedAt: number | null;
  endedAt: number | null;
  end: AttemptEnd | null;
};

type Draft = Attempt & { pid: number | null };

/** The attempts in the order in which they began. Independent of the order of the events. */
export function attemptsOf(events: readonly TaskEvent[]): readonly Attempt[] {
  const sorted = [...events].sort(byTime);
  const drafts: Draft[] = [];
  for (const event of sorted) if (event.type === 'received') drafts.push(received(event));
  for (const event of sorted) if (event.type === 'sent') addSent(drafts, event);
  for (const event of sorted) if (event.type === 'started') addStart(drafts, event);
  for (const event of sorted) if (isEnd(event)) addEnd(drafts, event, event.type);
  return withReasons(drafts.sort((a, b) => beginOf(a) - beginOf(b)));
}

/** When an attempt began, as far as it is told; infinity = nothing is. */
export function beginOf({ sentAt, receivedAt, startedAt, endedAt }: Attempt): number {
  return sentAt ?? receivedAt ?? startedAt ?? endedAt ?? Number.POSITIVE_INFINITY;
}

function byTime(a: TaskEvent, b: TaskEvent): number {
  return (
    a.at - b.at || compare(a.type, b.type) || compare(a.by ?? '', b.by ?? '') || (a.retries ?? 0) - (b.retries ?? 0)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function received({ at, by, pid, retries }: TaskEvent): Draft {
  return { ...EMPTY, worker: by, pid, retries, receivedAt: at };
}

const EMPTY: Draft = {
  ...{ reason: 'first', worker: null, pid: null, retries: null },
  ...{ sentAt: null, receivedAt: null, startedAt: null, endedAt: null, end: null },
};

function addSent(drafts: Draft[], { at, retries }: TaskEvent): void {
  const open = drafts.filter((draft) => draft.sentAt === null);
  const mine = open.find((draft) => draft.retries === retries) ?? open.find((draft) => draft.retries === null);
  if (mine !== undefined) mine.sentAt = at;
  // A second `sent` of the same retry is no attempt of its own: its message was published twice.
  else if (!drafts.some((draft) => draft.retries === retries)) drafts.push({ ...EMPTY, retries, sentAt: at });
}

function addStart(drafts: Draft[], event: TaskEvent): void {
  const mine = firstOf(drafts, event, (draft) => draft.startedAt === null);
  if (mine === undefined) drafts.push({ ...EMPTY, worker: event.by, pid: event.pid, startedAt: event.at });
  else {
    mine.startedAt = event.at;
    mine.worker ??= event.by;
    mine.pid ??= event.pid;
  }
}

function addEnd(drafts: Draft[], event: TaskEvent, type: AttemptEnd): void {
  const open = (draft: Draft) => draft.end === null;
  // What Trellis found itself is about the last one.
  const isFound = type === 'result' || type === 'orphaned';
  const mine = isFound
    ? drafts.findLast(open)
    : (firstOf(drafts, event, (draft) => open(draft) && draft.startedAt !== null) ?? firstOf(drafts, event, open));
  if (mine !== undefined) {
    mine.end = type;
    mine.endedAt = event.at;
    mine.worker ??= event.by;
  } else if (drafts.length === 0) {
    drafts.push({ ...EMPTY, worker: event.by, pid: event.pid, end: type, endedAt: event.at });
  }
}

/** The first that fits and was on the event's own process, else on its worker, else on a worker that is not told. */
function firstOf(drafts: readonly Draft[], { by, pid }: TaskEvent, fits: (draft: Draft) => boolean): Draft | undefined {
  const open = drafts.filter(fits);
  return (
    open.find((draft) => draft.worker === by && pid !== null && draft.pid === pid) ??
    open.find((draft) => draft.worker === by && (pid === null || draft.pid === null)) ??
    open.find((draft) => draft.worker === null)
  );
}

function isEnd(event: TaskEvent): event is TaskEvent & { type: AttemptEnd } {
  return !['sent', 'received', 'started', 'custom'].includes(event.type);
}

function withReasons(drafts: readonly Draft[]): readonly Attempt[] {
  let most = -1;
  return drafts.map(({ pid: _, ...attempt }, i) => {
    const retries = attempt.retries ?? most;
    const reason: AttemptReason = i === 0 ? 'first' : retries > most ? 'retry' : 'redelivery';
    most = Math.max(most, retries);
    return { ...attempt, reason };
  });
}
