/**
 * The merge: a task is what the set of its events says. Joining is idempotent, commutative and associative, so that
 * repetition and order of delivery change nothing. Pure.
 */
import type { Task, TaskDetail, TaskEvent } from '#lib/model/task.ts';
import { addEvent, type KeptEvent, keptEvent } from './merge-events.ts';
import { addFields, type KeptFields } from './merge-fields.ts';
import { judge } from './merge-state.ts';

/** What an event may tell besides that it happened. Absent = it does not tell. */
export type TaskFields = {
  name?: string;
  args?: string;
  kwargs?: string;
  queue?: string;
  exchange?: string;
  routingKey?: string;
  result?: string;
  exception?: string;
  traceback?: string;
  runtimeMs?: number;
  eta?: number;
  expires?: number;
  rootId?: string;
  parentId?: string;
  groupId?: string;
  canary?: boolean;
  /** Who ran it, where the event is not the worker's own: the result store's word. */
  worker?: string;
};

/** One event of one task. */
export type TaskChange = {
  id: string;
  event: TaskEvent;
  fields: TaskFields;
  /** The time that the event told itself (epoch ms), where `event.at` was set back: it stays the event's identity. */
  toldAt?: number;
};

/** All that is kept of a task: its events, and the fields with what decides between them. JSON. */
export type TaskRecord = { id: string; events: readonly KeptEvent[]; fields: KeptFields };

/** The record with more events; the same object when they add nothing. Changes of other tasks are not looked at. */
export function mergeTask(record: TaskRecord | null, changes: readonly TaskChange[]): TaskRecord {
  const id = record?.id ?? changes[0]?.id ?? '';
  const events = record === null ? [] : [...record.events];
  const fields = record === null ? {} : { ...record.fields };
  let changed = record === null;
  for (const change of changes) {
    if (change.id !== id) continue;
    const event = keptEvent(change.event, change.toldAt ?? change.event.at);
    if (addEvent(events, event)) changed = true;
    if (addFields(fields, id, event, change.fields)) changed = true;
  }
  return record === null || changed ? { id, events, fields } : record;
}

/** The task that the record tells. */
export function taskOf(record: TaskRecord): Task {
  const { id, events, fields } = record;
  const { state, end, held } = judge(events);
  const sentAt = firstAt(events, 'sent');
  const receivedAt = firstAt(events, 'received');
  const startedAt = firstAt(events, 'started');
  const finishedAt = end?.at ?? null;
  const retries = retriesOf(events);
  return {
    id,
    name: fields.name?.[2] ?? null,
    state,
    worker: held?.by ?? newestWorker(events) ?? fields.worker?.[2] ?? null,
    queue: fields.queue?.[2] ?? null,
    args: fields.args?.[2] ?? null,
    kwargs: fields.kwargs?.[2] ?? null,
    result: state === 'SUCCESS' ? (fields.result?.[2] ?? null) : null,
    exception: state === 'SUCCESS' ? null : (fields.exception?.[2] ?? null),
    sentAt,
    receivedAt,
    startedAt,
    finishedAt,
    at: sentAt ?? receivedAt ?? startedAt ?? finishedAt ?? events[0]?.at ?? 0,
    runtimeMs: fields.runtimeMs?.[2] ?? null,
    waitMs: sentAt === null || startedAt === null ? null : waitOf(sentAt, startedAt, fields.firstEta?.[2] ?? null),
    retries,
    redeliveries: redeliveriesOf(events),
    eta: fields.eta?.[2] ?? null,
    expires: fields.expires?.[2] ?? null,
    rootId: fields.rootId?.[2] ?? null,
    parentId: fields.parentId?.[2] ?? null,
    groupId: fields.groupId?.[2] ?? null,
    canary: fields.canary?.[2] === true,
    endedBy: end === null ? null : end.type === 'result' ? 'result store' : 'events',
  };
}

/** The task with everything. */
export function detailOf(record: TaskRecord): TaskDetail {
  const { fields, events } = record;
  const task = taskOf(record);
  return {
    ...task,
    traceback: task.state === 'SUCCESS' ? null : (fields.traceback?.[2] ?? null),
    exchange: fields.exchange?.[2] ?? null,
    routingKey: fields.routingKey?.[2] ?? null,
    events: events.map(({ toldUs: _, ...event }) => event).sort((a, b) => a.at - b.at),
  };
}

function firstAt(events: readonly KeptEvent[], type: TaskEvent['type']): number | null {
  let first: number | null = null;
  for (const event of events) {
    if (event.type === type && (first === null || event.at < first)) first = event.at;
  }
  return first;
}

/** Clocks of two hosts may differ: nothing waits less than no time. */
function waitOf(sentAt: number, startedAt: number, eta: number | null): number {
  return Math.max(0, startedAt - Math.max(sentAt, eta ?? sentAt));
}

/** The worker that last said anything of the task. */
function newestWorker(events: readonly KeptEvent[]): string | null {
  let newest: KeptEvent | null = null;
  for (const event of events) {
    if (event.by === null || NO_WORKERS_WORD.includes(event.type)) continue;
    if (newest === null || event.at >= newest.at) newest = event;
  }
  return newest?.by ?? null;
}

const NO_WORKERS_WORD: readonly TaskEvent['type'][] = ['sent', 'custom', 'result', 'orphaned'];

/** The highest number that a message of it carried, or as often as it asked, whichever is more. */
function retriesOf(events: readonly KeptEvent[]): number {
  let asked = 0;
  for (const { type } of events) if (type === 'retried') asked++;
  return Math.max(asked, highestRetry(events));
}

function highestRetry(events: readonly KeptEvent[]): number {
  let highest = 0;
  for (const { type, retries } of events) {
    if ((type === 'received' || type === 'sent') && retries !== null && retries > highest) highest = retries;
  }
  return highest;
}

/**
 * Receptions beyond one for each attempt. An attempt that ran twice may have asked for its retry twice: those
 * receptions are retries. Of long rows only the kept events are counted.
 */
function redeliveriesOf(events: readonly KeptEvent[]): number {
  let received = 0;
  let asked = 0;
  for (const { type } of events) {
    if (type === 'received') received++;
    else if (type === 'retried') asked++;
  }
  if (received < 2) return 0;
  const attempts = new Set<number>();
  let unnumbered = 0;
  for (const { type, retries } of events) {
    if (type !== 'received') continue;
    if (retries === null) unnumbered++;
    else attempts.add(retries);
  }
  const highest = highestRetry(events);
  const unseen = Math.max(0, Math.max(asked, highest) + 1 - attempts.size);
  const repeated = received - unnumbered - attempts.size - Math.max(0, asked - highest);
  return Math.max(0, repeated) + Math.max(0, unnumbered - unseen);
}
