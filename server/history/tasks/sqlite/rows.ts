/** Rows of `tasks`: made from a task, and counted again when they go. */
import type { SQLOutputValue } from 'node:sqlite';
import type { Task } from '#lib/model/task.ts';
import type { TaskRecord } from '#server/ingest/merge.ts';
import { changedAt, exceptionType, keyOf, STATE_CODES, timeOfPlace } from './columns.ts';
import type { Counted } from './rollups.ts';
import type { Words } from './words.ts';

/** The columns that follow from a record; the place and `indexed` are the writer's. */
export type TaskRow = {
  state: number;
  name: number | null;
  worker: number | null;
  queue: number | null;
  exception: number | null;
  root: Uint8Array | string | null;
  canary: 0 | 1;
  retried: 0 | 1;
  runtime: number | null;
  wait: number | null;
  changed: number;
};

/** Columns that most events change, and those that stay once they are known: their indexes are then left alone. */
export const CHANGING = ['state', 'exception', 'retried', 'runtime', 'wait', 'changed'] as const;
export const LASTING = ['name', 'worker', 'queue', 'root', 'canary'] as const;

/** The values of `CHANGING`. */
export function changingOf({ state, exception, retried, runtime, wait, changed }: TaskRow) {
  return [state, exception, retried, runtime, wait, changed] as const;
}

/** The values of `LASTING`. */
export function lastingOf({ name, worker, queue, root, canary }: TaskRow) {
  return [name, worker, queue, root, canary] as const;
}

/** Whether `LASTING` are the same. */
export function isLasting(a: TaskRow, b: TaskRow): boolean {
  return (
    a.name === b.name && a.worker === b.worker && a.queue === b.queue && a.canary === b.canary && isKey(a.root, b.root)
  );
}

function isKey(a: TaskRow['root'], b: TaskRow['root']): boolean {
  return a === b || (a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0);
}

/** The columns of a task; new words get their numbers. */
export function rowOf(task: Task, record: TaskRecord, words: Words): TaskRow {
  const { at, rootId } = task;
  return {
    state: STATE_CODES[task.state],
    name: words.idOf('name', task.name, at),
    worker: words.idOf('worker', task.worker, at),
    queue: words.idOf('queue', task.queue, at),
    exception: words.idOf('exception', exceptionType(task.exception), at),
    root: rootId === null || rootId === task.id ? null : keyOf(rootId),
    canary: task.canary ? 1 : 0,
    retried: task.retries > 0 ? 1 : 0,
    runtime: task.runtimeMs,
    wait: task.waitMs,
    changed: changedAt(record),
  };
}

/** What a task in this place counts as. */
export function countedOf(id: number, row: Omit<TaskRow, 'exception' | 'root' | 'changed'>): Counted {
  const { state, name, worker, queue, runtime, wait } = row;
  const flags = { canary: row.canary === 1, retried: row.retried === 1 };
  return { at: timeOfPlace(id), state, name, worker, queue, runtime, wait, ...flags };
}

/** The columns that `countedOf` reads, of a row that was selected. */
export function storedRow(row: Record<string, SQLOutputValue>): TaskRow {
  return row as unknown as TaskRow;
}
