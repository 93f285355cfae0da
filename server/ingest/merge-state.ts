/** What the events of a task say about its state, in Celery's precedence. Pure. */
import type { TaskEventType, TaskState } from '#lib/model/task.ts';
import type { KeptEvent } from './merge-events.ts';

/** The state, the event that ended it (null = it has not ended), and the event that names the worker that has or had it. */
export type Judgement = { state: TaskState; end: KeptEvent | null; held: KeptEvent | null };

/**
 * The state of the events: an end counts before a run, a run before a wait. Celery's own State judges by what arrives
 * last; here a retry is told from the attempt after it by the attempt's number where the worker told one, as a retry's
 * message is out before its event is. Other than there a success is final, and a rejected task is none that runs.
 */
export function judge(events: readonly KeptEvent[]): Judgement {
  const succeeded = newest(events, 'succeeded', 'SUCCESS');
  if (succeeded !== null) return { state: 'SUCCESS', end: succeeded, held: succeeded };
  const retried = newestAttempt(events, RETRIED);
  const failed = newest(events, 'failed', 'FAILURE', retried);
  if (failed !== null) return { state: 'FAILURE', end: failed, held: failed };
  const revoked = newest(events, 'revoked', 'REVOKED', retried);
  if (revoked !== null) return { state: 'REVOKED', end: revoked, held: revoked };
  return judgeOpen(events);
}

function judgeOpen(events: readonly KeptEvent[]): Judgement {
  const lapse = newestAttempt(events, LAPSES);
  const started = newest(events, 'started', null, lapse);
  const received = newest(events, 'received', null, lapse);
  const holder = later(started, received);
  if (holder === null && lapse?.event.type === 'rejected')
    return { state: 'REJECTED', end: lapse.event, held: lapse.event };
  const held = holder ?? lapse?.event ?? null;
  return { state: openState(events, { started, received, lapse }), end: null, held };
}

type Open = { started: KeptEvent | null; received: KeptEvent | null; lapse: Attempt | null };

function openState(events: readonly KeptEvent[], { started, received, lapse }: Open): TaskState {
  if (isOrphaned(events)) return 'ORPHANED';
  const stored = storedState(events, lapse);
  if (started !== null || stored === 'STARTED') return 'STARTED';
  if (received !== null) return 'RECEIVED';
  return lapse !== null || stored === 'RETRY' ? 'RETRY' : 'PENDING';
}

/** Judged lost, and not a word of it since; what is stored of a run is no sign that it goes on. */
function isOrphaned(events: readonly KeptEvent[]): boolean {
  let judgedAt = -1;
  let heardAt = -1;
  for (const { type, at } of events) {
    if (type === 'orphaned') judgedAt = Math.max(judgedAt, at);
    else if (type !== 'result') heardAt = Math.max(heardAt, at);
  }
  return judgedAt >= 0 && judgedAt >= heardAt;
}

/** What the result store said of a task that has not ended; a state that is none of Celery's is told by a running task. */
function storedState(events: readonly KeptEvent[], lapse: Attempt | null): 'STARTED' | 'RETRY' | null {
  const stored = newest(events, 'result', null, lapse);
  if (stored === null || stored.note === 'PENDING' || stored.note === 'RECEIVED') return null;
  return stored.note === 'RETRY' ? 'RETRY' : 'STARTED';
}

/** An event that gave the task back, and the number of the attempt (0 = the first) that it ended; null = not told. */
type Attempt = { event: KeptEvent; number: number | null };

const RETRIED: readonly TaskEventType[] = ['retried'];
/** A cancelled task (its worker lost the broker) and a rejected one may come again, as one that asked for a retry does. */
const LAPSES: readonly TaskEventType[] = ['retried', 'cancelled', 'rejected'];

function newestAttempt(events: readonly KeptEvent[], types: readonly TaskEventType[]): Attempt | null {
  let best: Attempt | null = null;
  for (const event of events) {
    if (!types.includes(event.type)) continue;
    const attempt = { event, number: attemptOf(events, event) };
    if (best === null || isAfter(attempt, best)) best = attempt;
  }
  return best;
}

/** The newest event of this type, or stored with this status, after the attempt. Events come before the result store. */
function newest(
  events: readonly KeptEvent[],
  type: TaskEventType,
  status: string | null,
  after: Attempt | null = null,
): KeptEvent | null {
  let told: KeptEvent | null = null;
  let stored: KeptEvent | null = null;
  for (const event of events) {
    const isStored = status !== null && event.type === 'result' && event.note === status;
    if (event.type !== type && !isStored) continue;
    if (after !== null && !isAfter({ event, number: attemptOf(events, event) }, after)) continue;
    if (isStored) stored = later(stored, event);
    else told = later(told, event);
  }
  return told ?? stored;
}

function isAfter(a: Attempt, b: Attempt): boolean {
  if (a.number !== null && b.number !== null && a.number !== b.number) return a.number > b.number;
  return a.event.at > b.event.at;
}

/** The attempt that an event belongs to: the one that its worker received last before it. */
function attemptOf(events: readonly KeptEvent[], event: KeptEvent): number | null {
  if (event.type === 'received') return event.retries;
  let last: KeptEvent | null = null;
  for (const one of events) {
    if (one.type === 'received' && one.by === event.by && one.at <= event.at) last = later(last, one);
  }
  return last?.retries ?? null;
}

/** The one with the later time; of two at the same time the latter. */
function later(a: KeptEvent | null, b: KeptEvent | null): KeptEvent | null {
  if (a === null || b === null) return a ?? b;
  return b.at >= a.at ? b : a;
}
