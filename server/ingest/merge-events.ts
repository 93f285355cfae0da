/** The events that a record keeps: a bounded set in one total order, so that it is the same whatever came first. Pure. */
import { TASK_EVENT_TYPES, type TaskEvent, type TaskEventType } from '#lib/model/task.ts';

/** An event and the time that it told itself, in microseconds: `at` may have been set back, what it told stays its identity. */
export type KeptEvent = TaskEvent & { readonly toldUs: number };

/**
 * Of each type so many of the first and as many of the last are kept: 64 events at most, the first and the last of every
 * type always. A long row of retries loses its middle, progress reports never push out what a worker told.
 */
const KEPT_EACH_END: Readonly<Record<TaskEventType, number>> = {
  sent: 5,
  received: 5,
  started: 5,
  retried: 5,
  custom: 4,
  result: 2,
  succeeded: 1,
  failed: 1,
  revoked: 1,
  rejected: 1,
  cancelled: 1,
  orphaned: 1,
};

/** By type: its place among events of the same microsecond. */
export const TYPE_RANK = Object.fromEntries(TASK_EVENT_TYPES.map((type, rank) => [type, rank])) as Record<
  TaskEventType,
  number
>;

/** An event as it is kept; `toldAt` (epoch ms) = what it told itself where `at` was set back. */
export function keptEvent(event: TaskEvent, toldAt: number): KeptEvent {
  const { type, by, pid, note, retries } = event;
  // Field by field, whole microseconds: equal events have equal shapes, and what is written down is what is read again.
  return { type, at: micros(event.at) / 1_000, by, pid, note, retries, toldUs: micros(toldAt) };
}

/** Whole microseconds of epoch milliseconds; what is no time is 0. */
export function micros(ms: number): number {
  return Math.min(Math.max(Math.round(ms * 1_000) || 0, 0), Number.MAX_SAFE_INTEGER);
}

/** Puts the event into the list, which stays sorted and bounded; false = the list knew it, or has no room for it. */
export function addEvent(events: KeptEvent[], event: KeptEvent): boolean {
  let place = events.length;
  while (place > 0) {
    const before = events[place - 1] as KeptEvent;
    const order = compareIdentity(before, event);
    if (order < 0) break;
    if (order === 0) {
      if (compareRest(event, before) >= 0) return false;
      events[place - 1] = event;
      return true;
    }
    place--;
  }
  events.splice(place, 0, event);
  return events.length <= 2 || trim(events, event);
}

/** Drops the middle one of the type of which there are too many; false = it was the new one itself. */
function trim(events: KeptEvent[], added: KeptEvent): boolean {
  const each = KEPT_EACH_END[added.type];
  let seen = 0;
  let middle = -1;
  for (let i = 0; i < events.length; i++) {
    if (events[i]?.type !== added.type) continue;
    if (seen === each) middle = i;
    seen++;
  }
  if (seen <= 2 * each) return true;
  return events.splice(middle, 1)[0] !== added;
}

/** Zero = the same event. Its note belongs to it only where it says what happened. */
function compareIdentity(a: KeptEvent, b: KeptEvent): number {
  if (a.toldUs !== b.toldUs) return a.toldUs - b.toldUs;
  if (a.type !== b.type) return TYPE_RANK[a.type] - TYPE_RANK[b.type];
  if (a.by !== b.by) return compareText(a.by, b.by);
  return a.type === 'custom' || a.type === 'result' || a.type === 'orphaned' ? compareText(a.note, b.note) : 0;
}

/** Decides between two tellings of one event: the earlier time, then whatever tells more. */
function compareRest(a: KeptEvent, b: KeptEvent): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.pid !== b.pid) return compareNumber(a.pid, b.pid);
  if (a.retries !== b.retries) return compareNumber(a.retries, b.retries);
  return compareText(a.note, b.note);
}

/** Null comes last. */
function compareNumber(a: number | null, b: number | null): number {
  if (a === b) return 0;
  return a === null ? 1 : b === null ? -1 : a - b;
}

/** By code units, null last. */
function compareText(a: string | null, b: string | null): number {
  if (a === b) return 0;
  return a === null ? 1 : b === null ? -1 : a < b ? -1 : 1;
}
