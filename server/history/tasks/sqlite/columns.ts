/** What of a task stands in columns, and its place in time. Pure. */
import { isEnded, type Task, type TaskState } from '#lib/model/task.ts';
import type { TaskRecord } from '#server/ingest/merge.ts';

/** Codes in the file: they never change, new ones follow. Up to ORPHANED a task has no end; most end as SUCCESS. */
export const STATE_CODES: Readonly<Record<TaskState, number>> = {
  PENDING: 0,
  RECEIVED: 1,
  STARTED: 2,
  RETRY: 3,
  ORPHANED: 4,
  FAILURE: 5,
  REVOKED: 6,
  REJECTED: 7,
  SUCCESS: 8,
};
/** The states by their codes. */
export const STATES_BY_CODE = Object.keys(STATE_CODES) as readonly TaskState[];

/** Kinds of words in the dictionary; codes in the file. */
export const WORD_KINDS = ['name', 'worker', 'queue', 'exception'] as const;
export type WordKind = (typeof WORD_KINDS)[number];

/** Places in one millisecond. */
const PLACES_PER_MS = 256;
/** The year 3084: with the places in a millisecond it still is a whole number to JavaScript. */
const LATEST_MS = 2 ** 45 - 1;
/** Longer texts are searched up to here. */
const SEARCHED_CHARACTERS = 300;
const EXCEPTION_CHARACTERS = 200;

/** The id of a task that began at `at` (epoch ms); where that is taken the next free one. */
export function placeOf(at: number): number {
  return Math.floor(Math.min(Math.max(at, 0), LATEST_MS) * PLACES_PER_MS);
}

/** The first and the last id of tasks between two times, both inclusive. */
export function placesBetween(from: number | undefined, to: number | undefined): { low: number; high: number } {
  return { low: placeOf(Math.ceil(from ?? 0)), high: placeOf(Math.floor(to ?? LATEST_MS)) + PLACES_PER_MS - 1 };
}

/** The last place in the millisecond of this one. */
export function lastInMs(id: number): number {
  return id - (id % PLACES_PER_MS) + PLACES_PER_MS - 1;
}

/** The millisecond of a place. */
export function timeOfPlace(id: number): number {
  return Math.floor(id / PLACES_PER_MS);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A task id as it is stored: of the usual kind 16 bytes, any other as it is. */
export function keyOf(id: string): Uint8Array | string {
  return UUID.test(id) ? Buffer.from(id.replaceAll('-', ''), 'hex') : id;
}

/** First and last stored key of the ids that begin so, or null where no id of the usual kind does. */
export function keysFrom(prefix: string): { low: Uint8Array; high: Uint8Array } | null {
  const rest = '00000000-0000-0000-0000-000000000000'.slice(prefix.length);
  if (prefix.length > 36 || !UUID.test(prefix + rest)) return null;
  return {
    low: Buffer.from((prefix + rest).replaceAll('-', ''), 'hex'),
    high: Buffer.from((prefix + rest.replaceAll('0', 'f')).replaceAll('-', ''), 'hex'),
  };
}

/** `ValueError` of `ValueError('x')`; null where there is none. */
export function exceptionType(exception: string | null): string | null {
  if (exception === null) return null;
  const end = exception.search(/[(\n]/);
  return (end < 0 ? exception : exception.slice(0, end)).trim().slice(0, EXCEPTION_CHARACTERS) || null;
}

/** When the newest of its events was (epoch ms). */
export function changedAt(record: TaskRecord): number {
  let newest = 0;
  for (const { at } of record.events) if (at > newest) newest = at;
  return Math.floor(newest);
}

/** The parts of a task in which words are looked for. */
export function searchedTexts(task: Task): { args: string; kwargs: string; result: string } {
  const { args, kwargs, result, exception } = task;
  return { args: cut(args), kwargs: cut(kwargs), result: cut(result ?? exception) };
}

/** They as one text for the index. */
export function searchText(task: Task): string {
  const { args, kwargs, result } = searchedTexts(task);
  return `${args}\n${kwargs}\n${result}`;
}

function cut(text: string | null): string {
  return text === null ? '' : text.slice(0, SEARCHED_CHARACTERS);
}

/** Whether its text goes into the index now: before its end it would go there twice. */
export function isSettled(task: Task): boolean {
  return isEnded(task.state);
}
