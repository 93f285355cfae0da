/** Makes more of a recording: the same events, of other tasks, at another time. Pure. */
import type { TaskState } from '#lib/model/task.ts';
import { type CeleryEvent, type EventMessage, eventsOf } from './event-message.ts';
import type { LedgerTask } from './task-ledger.ts';

const ID_FIELDS = ['uuid', 'root_id', 'parent_id', 'group_id'] as const;
/** Odd, so that every copy gets another mask. */
const SPREAD = 0x9e3779b1;
const WORKER = 'celery@';
/** Replayed workers are none of those that run: their process numbers and heartbeats must not mix. */
const REPLAYED = 'celery@replayed-';
const PIDS_APART = 1_000_000;

/** The id of the same task in a copy; other copies give other ids. */
export function renumber(id: string, copy: number): string {
  const mask = Math.imul(copy + 1, SPREAD) >>> 0;
  const head = ((Number.parseInt(id.slice(0, 8), 16) ^ mask) >>> 0).toString(16).padStart(8, '0');
  return `${head}${id.slice(8)}`;
}

/** One message of a copy, its times moved. */
export function rewrite(message: EventMessage, copy: number, shiftSeconds: number): EventMessage {
  const told: unknown = JSON.parse(message.body);
  const change = (event: CeleryEvent) => rewriteEvent(event, copy, shiftSeconds);
  const body = JSON.stringify(Array.isArray(told) ? told.map(change) : change(told as CeleryEvent));
  return { routingKey: message.routingKey, hostname: replayed(message.hostname), body };
}

function rewriteEvent(event: CeleryEvent, copy: number, shiftSeconds: number): CeleryEvent {
  const changed: CeleryEvent = {
    ...event,
    timestamp: event.timestamp + shiftSeconds,
    hostname: replayed(event.hostname),
  };
  if (event.hostname.startsWith(WORKER)) changed.pid = event.pid + copy * PIDS_APART;
  for (const field of ID_FIELDS) {
    const id = event[field];
    if (typeof id === 'string') changed[field] = renumber(id, copy);
  }
  return changed;
}

function replayed(hostname: string): string {
  return hostname.startsWith(WORKER) ? `${REPLAYED}${hostname.slice(WORKER.length)}` : hostname;
}

/**
 * As many copies of a recording as give `events` events, one after the other in time, the last of which ends at `endSeconds`
 * (epoch). Copies are numbered from `firstCopy`.
 */
export function* copiesOf(
  recording: readonly EventMessage[],
  events: number,
  firstCopy: number,
  endSeconds: number,
): Generator<EventMessage> {
  const { count, from, to } = extentOf(recording);
  const copies = Math.max(1, Math.ceil(events / count));
  for (let n = 0; n < copies; n += 1) {
    const shift = endSeconds - to - (copies - 1 - n) * (to - from);
    for (const message of recording) yield rewrite(message, firstCopy + n, shift);
  }
}

/** How many events messages hold, and their first and last time (epoch seconds). */
export function extentOf(messages: readonly EventMessage[]): { count: number; from: number; to: number } {
  let [count, from, to] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const message of messages) {
    for (const { timestamp } of eventsOf(message)) {
      count += 1;
      from = Math.min(from, timestamp);
      to = Math.max(to, timestamp);
    }
  }
  return { count, from, to };
}

/** The tasks that messages tell of, with the end that they tell. */
export function ledgerOf(messages: Iterable<EventMessage>): LedgerTask[] {
  const ends = new Map<string, TaskState | null>();
  for (const message of messages) {
    for (const { type, uuid } of eventsOf(message)) {
      if (typeof uuid !== 'string') continue;
      const end = type === 'task-succeeded' ? 'SUCCESS' : type === 'task-failed' ? 'FAILURE' : null;
      // A success stands whatever else was told: by Celery's own precedence.
      if (ends.get(uuid) !== 'SUCCESS') ends.set(uuid, end ?? ends.get(uuid) ?? null);
    }
  }
  return [...ends].map(([id, state]) => ({ id, confirmed: true, state, retries: null }));
}
