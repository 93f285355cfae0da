/** Which tasks to ask about, when, and what the answers mean. Pure. */
import type { CeleryWorker } from '#lib/model/celery.ts';
import { isEnded, type Task } from '#lib/model/task.ts';

/** As much of a worker as is asked here. */
export type WorkerSight = Pick<CeleryWorker, 'id' | 'state' | 'since' | 'missedTasks'> & {
  /** Since when (epoch ms) its process is known: one that was silent and is back may still be the same. */
  processSince: number;
};

/** So long (ms) must a worker be silent before its tasks are in question: a broker that fails over silences all of them. */
export const GRACE_MS = 10_000;
/** After so long (ms) nobody is waited for any more who should have told something and does not answer. */
export const WITNESS_LIMIT_MS = 60_000;
/** A task without an end is not looked at before this age (ms), unless something speaks for a lost event. */
export const CALM_MS = 60_000;
/**
 * Ages of silence (ms) at which a task is asked about: each once. So those that run for long, or keep no result, cost
 * next to nothing, and an end that was missed is found before the result expires (a day, unless configured).
 */
export const PATIENCE_MS = [
  ...[10_000, 30_000, 60_000, 120_000, 600_000],
  ...[1, 2, 4, 8, 16, 24, 48].map((hours) => hours * 3_600_000),
] as const;

/** A time (epoch ms) in which events may have been lost. */
export type Gap = { from: number; to: number };

/** For each age of `PATIENCE_MS`: tasks that last changed before then (epoch ms) have been asked about at that age. */
export type Sweep = readonly number[];

/** Tasks that last changed from `from` on and before `before` (whole epoch ms) are due: they have come to the age of `step`. */
export type DueWindow = { step: number; from: number; before: number };

/** Nothing has been asked yet: everything that is younger than the last age is due. */
export function startSweep(now: number): Sweep {
  return PATIENCE_MS.map((age, step) => now - (PATIENCE_MS[step + 1] ?? age));
}

/** What is due at `now`, the oldest first: those are few. What was left so long that the next age has come is left to that. */
export function dueWindows(sweep: Sweep, now: number, isCalm: boolean): DueWindow[] {
  const firstStep = isCalm ? PATIENCE_MS.findIndex((age) => age >= CALM_MS) : 0;
  return PATIENCE_MS.map((age, step): DueWindow => {
    const overtaken = now - (PATIENCE_MS[step + 1] ?? Number.POSITIVE_INFINITY);
    return { step, from: Math.max(sweep[step] ?? overtaken, overtaken), before: now - age };
  })
    .filter(({ step, from, before }) => step >= firstStep && from < before)
    .reverse();
}

/** The sweep once everything of this step is asked that last changed before `until`. */
export function swept(sweep: Sweep, step: number, until: number): Sweep {
  return sweep.map((at, i) => (i === step ? Math.max(at, until) : at));
}

/** What has become of the worker that had a task. */
export type Whereabouts =
  | { kind: 'gone'; worker: string; how: 'silent' | 'offline'; since: number }
  /** Trellis listens since `since`, and never heard of it. */
  | { kind: 'unheard'; worker: string; since: number }
  | { kind: 'online'; worker: string; since: number; processSince: number }
  /** It cannot be told yet. */
  | { kind: 'open' };

/** Where the worker of a task is; `listeningSince` = events come in without a break since then; null = they do not. */
export function whereabouts(
  worker: string | null,
  workers: ReadonlyMap<string, WorkerSight>,
  listeningSince: number | null,
  now: number,
): Whereabouts {
  if (worker === null || listeningSince === null || now - listeningSince < GRACE_MS) return { kind: 'open' };
  const known = workers.get(worker);
  if (known === undefined) return { kind: 'unheard', worker, since: listeningSince };
  if (known.state === 'online') {
    const { since, processSince } = known;
    return { kind: 'online', worker, since, processSince };
  }
  // What it was silent for while Trellis did not listen says nothing.
  const since = Math.max(known.since, listeningSince);
  return now - since < GRACE_MS ? { kind: 'open' } : { kind: 'gone', worker, how: known.state, since: known.since };
}

/** True when something speaks for it that an event of this task was lost. */
export function isSuspect(task: Task, at: Whereabouts, missed: number, gaps: readonly Gap[]): boolean {
  if (task.state === 'ORPHANED' || missed > 0) return true;
  if (at.kind === 'gone' || at.kind === 'unheard') return true;
  if (isOfEarlierProcess(task, at)) return true;
  return gaps.some(({ to }) => to >= task.at);
}

/** True when the result store is to be asked about a task that has come to this age without an end. */
export function isDue(task: Task, step: number, isSuspicious: boolean, now: number): boolean {
  if (isEnded(task.state)) return false;
  // It waits for its time: there can be no result yet.
  if (task.state !== 'STARTED' && task.eta !== null && task.eta > now) return false;
  return isSuspicious || (PATIENCE_MS[step] ?? 0) >= CALM_MS;
}

/** What the workers said of some tasks. */
export type WorkersWord = {
  /** When (epoch ms). */
  at: number;
  answered: readonly string[];
  silent: readonly string[];
  /** Who has the task, by task id: `active`, `reserved`, … */
  holders: ReadonlyMap<string, { worker: string; state: string }>;
};

/** What the replies to `query_task` (`{ id: [state, info] }` by node name) say. Total: what is no such reply says nothing. */
export function wordOf(replies: ReadonlyMap<string, unknown>, silent: readonly string[], at: number): WorkersWord {
  const holders = new Map<string, { worker: string; state: string }>();
  const answered: string[] = [];
  const untold = [...silent];
  for (const [worker, reply] of replies) {
    if (typeof reply !== 'object' || reply === null || Array.isArray(reply) || 'error' in reply) {
      untold.push(worker);
      continue;
    }
    answered.push(worker);
    for (const [id, said] of Object.entries(reply)) {
      const state: unknown = Array.isArray(said) ? said[0] : null;
      // `ready` = it has ended there: that worker does not hold it any more.
      if (typeof state === 'string' && state !== 'ready') holders.set(id, { worker, state });
    }
  }
  return { at, answered, silent: untold, holders };
}

/**
 * What the result store said of one task: `retrying` = it waits for its next try, `unread` = the store could not be asked,
 * `none` = there is no store.
 */
export type StoreWord = 'absent' | 'unfinished' | 'retrying' | 'unread' | 'none';

/** What is known of a task that has no end in the result store. */
export type Evidence = {
  at: Whereabouts;
  /** null = nobody was asked, for the reason in `unasked`. */
  workers: WorkersWord | null;
  unasked: string | null;
  /** Workers can be asked at all: what fails now may work a little later. */
  canAsk: boolean;
  store: StoreWord;
  /** The address that answered. */
  storeAddress: string | null;
};

/** True for a task that a worker had begun or taken, and whose worker may be gone. */
export function mayBeOrphaned({ state }: Pick<Task, 'state'>): boolean {
  return state === 'RECEIVED' || state === 'STARTED';
}

/**
 * True when it says something of a task that its worker does not know it. Celery tells only of what it was let begin: what
 * it received and keeps for a time or a rate limit is unknown to `query_task`, and the broker still has it.
 */
export function isKnownToWorker(task: Task, at: Whereabouts): boolean {
  return at.kind !== 'online' || task.state === 'STARTED' || at.processSince > lastMoment(task);
}

/** True when the task is lost from sight: its worker does not have it any more, nobody else has it, and it left no result. */
export function isOrphaned(task: Task, evidence: Evidence, now: number): boolean {
  const { at, workers, canAsk, store } = evidence;
  if (!mayBeOrphaned(task) || !isKnownToWorker(task, at)) return false;
  if (at.kind === 'open' || store === 'retrying') return false;
  if (workers?.holders.has(task.id)) return false;
  const isPatienceOver = isQuietForLong(task, at, now);
  const isStoreClear = store !== 'unread' || isPatienceOver;
  if (at.kind === 'online') {
    // Only its own word counts against it, and not while its last events may be on their way.
    return workers?.answered.includes(at.worker) === true && store !== 'unread' && isPatienceOver;
  }
  const areWorkersClear = !canAsk || (workers !== null && workers.silent.length === 0);
  return isStoreClear && (areWorkersClear || isPatienceOver);
}

/** True when the worker began anew, or came back, after all that is known of the task: the process that had it may be gone. */
export function isOfEarlierProcess(task: Task, at: Whereabouts): boolean {
  return at.kind === 'online' && at.since > lastMoment(task);
}

/** True when so long nothing was heard of the task that its worker's own word counts against it: less where that began anew. */
export function isQuietForLong(task: Task, at: Exclude<Whereabouts, { kind: 'open' }>, now: number): boolean {
  const patienceMs = isOfEarlierProcess(task, at) ? GRACE_MS : WITNESS_LIMIT_MS;
  return now - Math.max(at.since, lastMoment(task)) >= patienceMs;
}

/**
 * When it was orphaned (epoch ms): as early as can be said, so that whatever is heard of it afterwards counts more, from a
 * worker with a slow clock too.
 */
export function orphanedAt(task: Task, at: Whereabouts, now: number): number {
  const since = at.kind === 'gone' ? at.since : at.kind === 'online' && at.since > lastMoment(task) ? at.since : now;
  return Math.min(Math.max(since, lastMoment(task) + 1), Math.max(now, lastMoment(task) + 1));
}

/** The newest moment that a task tells of itself (epoch ms). */
export function lastMoment({ at, sentAt, receivedAt, startedAt, finishedAt }: Task): number {
  return Math.max(at, sentAt ?? 0, receivedAt ?? 0, startedAt ?? 0, finishedAt ?? 0);
}

/** By so much (ms) the clocks of two workers may differ. */
const SKEW_MS = 10_000;

/**
 * True when a stored end is that of the task's last run. Success is never overwritten; a failure may be an earlier run's,
 * and the broker delivered the task again.
 */
export function isEndOf(task: Task, status: string, doneAt: number | null): boolean {
  if (!(STORED_ENDS as readonly string[]).includes(status)) return false;
  if (status === 'SUCCESS' || doneAt === null) return true;
  return doneAt >= Math.max(task.startedAt ?? 0, task.receivedAt ?? 0) - SKEW_MS;
}

/** The ends that Celery stores. */
export const STORED_ENDS = ['SUCCESS', 'FAILURE', 'REVOKED'] as const;
