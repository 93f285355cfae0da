/**
 * Celery's events as they come from the broker: one event, or an array of them (`task.multi`). A total parser: whatever
 * a message holds is either understood or counted, and nothing throws. Pure.
 */
import type { EventRejection } from '#lib/model/celery.ts';
import type { TaskEventType } from '#lib/model/task.ts';
import type { TaskChange, TaskFields } from '#server/ingest/merge.ts';
import { parsePython } from './json.ts';
import { amountOf, countOf, isoTimeOf, objectOf, secondsOf, textOf } from './values.ts';

/** What a worker says of itself. `null` = it does not say. */
export type WorkerEvent = {
  type: 'online' | 'heartbeat' | 'offline';
  /** Node name, `celery@host-1`. */
  worker: string;
  /** By its own clock (epoch ms), never set back. */
  at: number | null;
  pid: number | null;
  everyMs: number | null;
  active: number | null;
  processed: number | null;
  loadAverage: readonly number[] | null;
  /** `py-celery 5.2.6`. */
  software: string | null;
  system: string | null;
  /** Its logical clock. */
  clock: number | null;
};

/** What one message held, each in the order in which it came. */
export type ParsedEvents = {
  tasks: TaskChange[];
  workers: WorkerEvent[];
  /** One for each event that was not taken; a body that is no JSON is one. */
  rejected: EventRejection[];
  /** Events of tasks whose time was set back to their arrival. */
  skewed: number;
};

/** As much of a printed value as is kept. */
export const TEXT_LIMITS = { args: 4_096, kwargs: 4_096, result: 4_096, exception: 1_024, traceback: 16_384 } as const;
/** Names and ids beyond this are refused: cut, they would be other ones. */
export const NAME_LIMIT = 255;
/** Clocks of hosts differ; what is ahead by more than this is wrong. */
export const AHEAD_LIMIT_MS = 600_000;
/** A batch of Celery's is 24 events; this is far beyond what they may hold. */
export const BODY_LIMIT_BYTES = 16_777_216;
/** So many retries nobody has. */
export const RETRIES_LIMIT = 1_000_000;
/** Trellis's own tasks: Celery's built-in one, under an id that begins so. */
export const CANARY_NAME = 'celery.accumulate';
export const CANARY_PREFIX = 'trellis-';

const TASK_TYPES: ReadonlyMap<string, TaskEventType> = new Map(
  (['sent', 'received', 'started', 'succeeded', 'failed', 'retried', 'revoked', 'rejected', 'cancelled'] as const).map(
    (type) => [`task-${type}`, type],
  ),
);
const WORKER_TYPES: ReadonlyMap<string, WorkerEvent['type']> = new Map(
  (['online', 'heartbeat', 'offline'] as const).map((type) => [`worker-${type}`, type]),
);

type Fields = Readonly<Record<string, unknown>>;

/**
 * What an id says of its task: one of Trellis's is a canary, unless its name is told and is another (null = not told). Each
 * word of a task says it, so that a lost one makes no other task of it.
 */
export function canaryFields(id: string, name: string | null): Pick<TaskFields, 'canary'> {
  return id.startsWith(CANARY_PREFIX) ? { canary: (name ?? CANARY_NAME) === CANARY_NAME } : {};
}

/** The events of a message's body that arrived at `arrivedAt` (epoch ms, Trellis's clock). Never throws. */
export function parseEvents(body: Uint8Array, arrivedAt: number): ParsedEvents {
  const parsed: ParsedEvents = { tasks: [], workers: [], rejected: [], skewed: 0 };
  if (body.byteLength > BODY_LIMIT_BYTES) {
    parsed.rejected.push('too-large');
    return parsed;
  }
  let value: unknown;
  try {
    value = parsePython(body);
  } catch {
    parsed.rejected.push('not-json');
    return parsed;
  }
  if (Array.isArray(value)) for (const one of value) takeEvent(parsed, one, arrivedAt);
  else takeEvent(parsed, value, arrivedAt);
  return parsed;
}

function takeEvent(parsed: ParsedEvents, value: unknown, arrivedAt: number): void {
  const event = objectOf(value);
  const type = event?.type;
  if (event === null || typeof type !== 'string') {
    parsed.rejected.push('wrong-shape');
  } else if (type.startsWith('task-') && type.length > 'task-'.length) {
    const change = taskChange(event, type, arrivedAt);
    if (typeof change === 'string') parsed.rejected.push(change);
    else {
      parsed.tasks.push(change);
      if (change.toldAt !== undefined) parsed.skewed++;
    }
  } else {
    const word = WORKER_TYPES.get(type);
    const worker = word === undefined ? 'unknown-type' : workerEvent(event, word);
    if (typeof worker === 'string') parsed.rejected.push(worker);
    else parsed.workers.push(worker);
  }
}

function taskChange(event: Fields, type: string, arrivedAt: number): TaskChange | EventRejection {
  const { uuid, hostname, name } = event;
  const known = TASK_TYPES.get(type);
  if (typeof uuid !== 'string' || uuid === '') return 'no-id';
  if (isTooLong(uuid) || isTooLong(hostname) || isTooLong(name) || isTooLong(type)) return 'too-large';
  const told = secondsOf(event.timestamp);
  // A text with half a character, or an end in its middle, is not the same after it was stored.
  if (told === null || !uuid.isWellFormed() || uuid.includes('\0')) return 'wrong-shape';
  const isAhead = told > arrivedAt + AHEAD_LIMIT_MS;
  const change: TaskChange = {
    id: uuid,
    event: {
      type: known ?? 'custom',
      at: isAhead ? arrivedAt : told,
      by: nameOf(hostname),
      pid: countOf(event.pid),
      note: known === undefined ? type.slice('task-'.length).toWellFormed() : noteOf(event, known),
      retries: countOf(event.retries, RETRIES_LIMIT),
    },
    fields: known === undefined ? canaryFields(uuid, null) : fieldsOf(event, known, uuid),
  };
  if (isAhead) change.toldAt = told;
  return change;
}

/** How it came to be revoked or rejected, where that makes a difference. */
function noteOf(event: Fields, type: TaskEventType): string | null {
  if (type === 'revoked') return event.expired === true ? 'expired' : event.terminated === true ? 'terminated' : null;
  return type === 'rejected' && event.requeue === true ? 'requeued' : null;
}

function fieldsOf(event: Fields, type: TaskEventType, id: string): TaskFields {
  const fields: TaskFields = canaryFields(id, nameOf(event.name));
  if (type === 'sent' || type === 'received') messageFields(fields, event);
  else if (type === 'succeeded') {
    put(fields, 'result', textOf(event.result, TEXT_LIMITS.result));
    const seconds = amountOf(event.runtime);
    put(fields, 'runtimeMs', seconds === null ? null : amountOf(seconds * 1_000));
  } else if (type === 'failed' || type === 'retried') {
    const exception = textOf(event.exception, TEXT_LIMITS.exception);
    // A retry that was asked for without an exception prints its absence.
    put(fields, 'exception', exception === 'None' ? null : exception);
    put(fields, 'traceback', textOf(event.traceback, TEXT_LIMITS.traceback));
  }
  return fields;
}

function messageFields(fields: TaskFields, event: Fields): void {
  put(fields, 'name', nameOf(event.name));
  put(fields, 'args', textOf(event.args, TEXT_LIMITS.args));
  put(fields, 'kwargs', textOf(event.kwargs, TEXT_LIMITS.kwargs));
  put(fields, 'queue', nameOf(event.queue));
  put(fields, 'exchange', shortOf(event.exchange));
  put(fields, 'routingKey', shortOf(event.routing_key));
  put(fields, 'eta', isoTimeOf(event.eta));
  put(fields, 'expires', isoTimeOf(event.expires));
  put(fields, 'rootId', nameOf(event.root_id));
  put(fields, 'parentId', nameOf(event.parent_id));
  put(fields, 'groupId', nameOf(event.group_id));
}

function put<K extends keyof TaskFields>(fields: TaskFields, field: K, value: Required<TaskFields>[K] | null): void {
  if (value !== null) fields[field] = value;
}

function workerEvent(event: Fields, type: WorkerEvent['type']): WorkerEvent | EventRejection {
  if (typeof event.hostname !== 'string' || event.hostname === '') return 'no-id';
  if (isTooLong(event.hostname)) return 'too-large';
  const every = amountOf(event.freq);
  const version = nameOf(event.sw_ver);
  const ident = nameOf(event.sw_ident);
  return {
    type,
    worker: event.hostname.toWellFormed(),
    at: secondsOf(event.timestamp),
    pid: countOf(event.pid),
    everyMs: every === null ? null : amountOf(every * 1_000),
    active: countOf(event.active),
    processed: countOf(event.processed),
    loadAverage: loadsOf(event.loadavg),
    software: ident === null || version === null ? (ident ?? version) : `${ident} ${version}`,
    system: nameOf(event.sw_sys),
    clock: countOf(event.clock),
  };
}

function loadsOf(value: unknown): readonly number[] | null {
  return Array.isArray(value) && value.length === 3 && value.every((load) => amountOf(load) !== null) ? value : null;
}

/** A name that is told and not too long. */
function nameOf(value: unknown): string | null {
  return value === '' ? null : shortOf(value);
}

/** The same, or empty: the default exchange has no name. */
function shortOf(value: unknown): string | null {
  return isTooLong(value) ? null : textOf(value, NAME_LIMIT);
}

function isTooLong(value: unknown): boolean {
  return typeof value === 'string' && value.length > NAME_LIMIT;
}
