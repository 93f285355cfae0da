/** A record as text, small: one is stored for every task. Pure. */
import { TASK_EVENT_TYPES } from '#lib/model/task.ts';
import type { TaskRecord } from './merge.ts';
import { type KeptEvent, micros, TYPE_RANK } from './merge-events.ts';
import { KEPT_FIELDS, type KeptFields, type Told } from './merge-fields.ts';

/** [type, told at, speaker, retries, note, at where it was set back]; times in µs after the first event; nulls at the end are left out. */
type EventRow = (number | string | null)[];
/** [field, order, told at, value]. */
type FieldRow = [number, number, number, string | number | boolean | null];
/** A node and its process. */
type Speaker = [string | null, number | null];

/** JSON: `[id, start in µs, speakers, events, fields]`. What was cut short is what repeats itself. */
export function encodeRecord(record: TaskRecord): string {
  const start = record.events[0]?.toldUs ?? 0;
  const speakers: Speaker[] = [];
  const events = record.events.map((event) => eventRow(event, start, speakers));
  const fields: FieldRow[] = [];
  for (let i = 0; i < KEPT_FIELDS.length; i++) {
    const told = record.fields[KEPT_FIELDS[i] as keyof KeptFields];
    if (told !== undefined) fields.push([i, told[0], micros(told[1]) - start, told[2]]);
  }
  return JSON.stringify([record.id, start, speakers, events, fields]);
}

function eventRow(event: KeptEvent, start: number, speakers: Speaker[]): EventRow {
  let speaker = speakers.findIndex(([by, pid]) => by === event.by && pid === event.pid);
  if (speaker < 0) speaker = speakers.push([event.by, event.pid]) - 1;
  const at = micros(event.at);
  const row = [TYPE_RANK[event.type], event.toldUs - start, speaker, event.retries, event.note];
  if (at !== event.toldUs) return [...row, at - start];
  if (event.note !== null) return row;
  return event.retries === null ? row.slice(0, 3) : row.slice(0, 4);
}

/** The record that was encoded. @throws Error when the text is none */
export function decodeRecord(text: string): TaskRecord {
  const parts = arrayOf(JSON.parse(text));
  const [id, start, speakers, events, fields] = parts;
  if (typeof id !== 'string') throw notARecord('id');
  const startUs = numberOf(start, 'start');
  const known = arrayOf(speakers).map(speakerOf);
  return {
    id,
    events: arrayOf(events).map((row) => eventOf(arrayOf(row), startUs, known)),
    fields: fieldsOf(arrayOf(fields), startUs),
  };
}

function speakerOf(value: unknown): Speaker {
  const [by, pid] = arrayOf(value);
  return [textOrNull(by), numberOrNull(pid)];
}

function eventOf(row: readonly unknown[], start: number, speakers: readonly Speaker[]): KeptEvent {
  const type = TASK_EVENT_TYPES[numberOf(row[0], 'type')];
  const toldUs = numberOf(row[1], 'time') + start;
  const speaker = speakers[numberOf(row[2], 'speaker')];
  if (type === undefined || speaker === undefined) throw notARecord('event');
  const at = row[5] === undefined ? toldUs : numberOf(row[5], 'time') + start;
  const retries = numberOrNull(row[3] ?? null);
  return { type, at: at / 1_000, by: speaker[0], pid: speaker[1], note: textOrNull(row[4] ?? null), retries, toldUs };
}

function fieldsOf(rows: readonly unknown[], start: number): KeptFields {
  const fields: Record<string, Told<unknown>> = {};
  for (const row of rows) {
    const [index, order, at, value] = arrayOf(row);
    const field = KEPT_FIELDS[numberOf(index, 'field')];
    if (field === undefined || !fits(field, value)) throw notARecord('field');
    fields[field] = [numberOf(order, 'order'), (numberOf(at, 'time') + start) / 1_000, value];
  }
  return fields as KeptFields;
}

function fits(field: keyof KeptFields, value: unknown): boolean {
  if (field === 'canary') return typeof value === 'boolean';
  if (field === 'runtimeMs') return typeof value === 'number';
  if (field === 'eta' || field === 'expires' || field === 'firstEta')
    return value === null || typeof value === 'number';
  return typeof value === 'string';
}

function arrayOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw notARecord('shape');
  return value;
}

function numberOf(value: unknown, what: string): number {
  if (typeof value !== 'number') throw notARecord(what);
  return value;
}

function numberOrNull(value: unknown): number | null {
  return value === null ? null : numberOf(value, 'number');
}

function textOrNull(value: unknown): string | null {
  if (value !== null && typeof value !== 'string') throw notARecord('text');
  return value;
}

function notARecord(what: string): Error {
  return new Error(`not a task record: ${what}`);
}
