/** Tasks of ids. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Task } from '#lib/model/task.ts';
import { type TaskRecord, taskOf } from '#server/ingest/merge.ts';
import { decodeRecord } from '#server/ingest/merge-record.ts';

export type Records = { record(id: number): TaskRecord; task(id: number): Task };

/** SQLite's code for a damaged file: `explain` then says what helps. */
const CORRUPT = 11;

/** Reads what is known of tasks. @throws Error where an id has no record, or none that can be read: the file is damaged */
export function readRecords({ db }: { db: DatabaseSync }): Records {
  const find = db.prepare('select record from records where id = ?');
  const record = (id: number) => recordOf(find.get(id)?.record);
  return { record, task: (id) => taskOf(record(id)) };
}

/** The record that stands in a column. @throws as above */
export function recordOf(text: SQLOutputValue | undefined): TaskRecord {
  try {
    return decodeRecord(String(text));
  } catch (cause) {
    throw Object.assign(new Error('the record of a task cannot be read', { cause }), { errcode: CORRUPT });
  }
}
