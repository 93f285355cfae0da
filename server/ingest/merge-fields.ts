/** The fields of a record: of each the value that wins, with what it wins by. A maximum, whatever came first. Pure. */

import type { TaskFields } from './merge.ts';
import type { KeptEvent } from './merge-events.ts';

/** [order, when it was told (epoch ms), value]: the greatest of them is kept. */
export type Told<T> = readonly [order: number, at: number, value: T];

/** By field; absent = nobody told it. `firstEta` is the first attempt's: a task waits for that. */
export type KeptFields = {
  readonly [K in keyof TaskFields | 'firstEta']?: Told<
    K extends 'eta' | 'expires' | 'firstEta' ? number | null : Required<TaskFields>[Exclude<K, 'firstEta'>]
  >;
};

/** Sent along with each attempt: the newest attempt's count, and of one attempt what the worker received. */
const MESSAGE_FIELDS = ['name', 'args', 'kwargs', 'queue', 'exchange', 'routingKey'] as const;
/** Where the task comes from: the first attempt knows, a retry names its own task as its parent. */
const ORIGIN_FIELDS = ['rootId', 'parentId', 'groupId'] as const;
/** What came of it, the newest counts. */
const OUTCOME_FIELDS = ['result', 'exception', 'traceback', 'runtimeMs', 'worker'] as const;

/** Every field that a record may keep, in the order in which it is written down. Append only. */
export const KEPT_FIELDS = [
  ...MESSAGE_FIELDS,
  ...ORIGIN_FIELDS,
  ...OUTCOME_FIELDS,
  'eta',
  'expires',
  'firstEta',
  'canary',
] as const satisfies readonly (keyof KeptFields)[];

/** Less than the order of any attempt's message. */
const NOT_ITS_MESSAGE = -1e12;

type Value = string | number | boolean | null;
type Draft = { -readonly [K in keyof KeptFields]: KeptFields[K] };

/** Puts what an event of the task tells into the fields; true = something changed. */
export function addFields(fields: Draft, id: string, event: KeptEvent, told: TaskFields): boolean {
  const isMessage = event.type === 'received' || event.type === 'sent';
  const attempt = isMessage ? (event.retries ?? 0) : 0;
  const received = event.type === 'received' ? 1 : 0;
  const newer = isMessage ? 2 * attempt + received + 1 : 0;
  const older = isMessage ? received - 2 * attempt : NOT_ITS_MESSAGE;
  let changed = false;
  const take = (field: keyof KeptFields, order: number, at: number, value: Value | undefined) => {
    if (value !== undefined && offer(fields, field, order, at, value)) changed = true;
  };
  for (const field of MESSAGE_FIELDS) take(field, newer, event.at, told[field]);
  for (const field of ORIGIN_FIELDS)
    if (told[field] !== id || field === 'rootId') take(field, older, event.at, told[field]);
  for (const field of OUTCOME_FIELDS) take(field, 0, event.at, told[field]);
  // A message without an eta says that there is none: an earlier attempt's no longer counts.
  take('eta', newer, event.at, told.eta ?? (isMessage ? null : undefined));
  take('expires', newer, event.at, told.expires ?? (isMessage ? null : undefined));
  take('firstEta', older, event.at, isMessage ? (told.eta ?? null) : undefined);
  // With its name it counts more than by its id alone.
  take('canary', told.name === undefined ? 0 : 1, 0, told.canary);
  return changed;
}

function offer(fields: Draft, field: keyof KeptFields, order: number, at: number, value: Value): boolean {
  const known = fields[field] as Told<Value> | undefined;
  if (known !== undefined) {
    if (order !== known[0]) {
      if (order < known[0]) return false;
    } else if (at !== known[1]) {
      if (at < known[1]) return false;
    } else if (!isGreater(value, known[2])) return false;
  }
  (fields as Record<string, Told<Value>>)[field] = [order, at, value];
  return true;
}

/** Null is less than any; values of one field are of one type. */
function isGreater(a: Value, b: Value): boolean {
  if (a === null || b === null) return b === null && a !== null;
  return a > b;
}
