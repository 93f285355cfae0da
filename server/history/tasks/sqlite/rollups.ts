/** Counts of tasks by the minute and hour in which they began, kept by what each commit changed. */
import type { DatabaseSync } from 'node:sqlite';
import {
  addEncoded,
  addTo,
  bucketOf,
  encodeHistogram,
  type Histogram,
} from '#server/history/tasks/duration-histogram.ts';

/** What a task counts as. */
export type Counted = {
  /** Its place in time, epoch ms. */
  at: number;
  state: number;
  name: number | null;
  worker: number | null;
  queue: number | null;
  canary: boolean;
  retried: boolean;
  runtime: number | null;
  wait: number | null;
};

export const LEVELS = { minute: 0, hour: 1 } as const;
export const LEVEL_MS = [60_000, 3_600_000] as const;
/** Canaries are counted by themselves and nowhere else. */
export const DIMENSIONS = { all: 0, name: 1, worker: 2, queue: 3, canary: 4 } as const;
/** The columns of the states, by their codes. */
export const STATE_COLUMNS = [
  ...(['pending', 'received', 'started', 'retry', 'orphaned', 'failure', 'revoked', 'rejected', 'success'] as const),
] as const;
/** SQL: the tasks of a row in every state. */
export const ANY_STATE = STATE_COLUMNS.join(' + ');

/** What is to be added to the counts. */
export type Deltas = {
  /** Counts a task once more (1) or once less (-1). */
  count(task: Counted, sign: 1 | -1): void;
  /** Writes them into the file and forgets them. */
  flush(): void;
};

/** In the order of the columns: the states, then `retried`. */
type Delta = { counts: number[]; runtime: Histogram; wait: Histogram };
const RETRIED = STATE_COLUMNS.length;
/** A key is (minute × dimensions + dimension) × words + word, a whole number for the next million years. */
const WORDS = 2 ** 22;
const DIMENSION_COUNT = 8;
/** Rows that are not read again: those of the last minutes change with every commit. */
const RECENT_ROWS = 1_000;

/** Deltas to the counts of an open file. */
export function openDeltas(db: DatabaseSync): Deltas {
  const columns = [...STATE_COLUMNS, 'retried', 'runtime', 'wait'];
  const key = 'level = ? and dimension = ? and word = ? and bucket = ?';
  const find = db.prepare(`select ${columns.join(', ')} from rollups where ${key}`);
  find.setReturnArrays(true);
  const put = db.prepare(
    `insert or replace into rollups (${columns.join(', ')}, level, dimension, word, bucket)
     values (${columns.map(() => '?').join(', ')}, ?, ?, ?, ?)`,
  );
  const remove = db.prepare(`delete from rollups where ${key}`);
  const deltas = new Map<number, Delta>();
  // Rows as they are in the file; a failed write closes the file, and this goes with it.
  const recent = new Map<string, Delta>();

  function deltaOf(minute: number, dimension: number, word: number): Delta {
    const number = (minute * DIMENSION_COUNT + dimension) * WORDS + word;
    let delta = deltas.get(number);
    if (delta === undefined) {
      delta = emptyDelta();
      deltas.set(number, delta);
    }
    return delta;
  }

  function stored(key: string, ...place: [number, number, number, number]): { row: Delta; isNew: boolean } {
    const known = recent.get(key);
    if (known !== undefined) {
      recent.delete(key);
      return { row: known, isNew: false };
    }
    const values = find.get(...place) as unknown as (number | string)[] | undefined;
    return { row: rowOf(values), isNew: values === undefined };
  }

  function apply(level: number, dimension: number, word: number, bucket: number, delta: Delta): void {
    const key = `${level} ${dimension} ${word} ${bucket}`;
    const { row, isNew } = stored(key, level, dimension, word, bucket);
    join(row, delta);
    if (row.counts.every((count) => count === 0)) {
      if (!isNew) remove.run(level, dimension, word, bucket);
      return;
    }
    put.run(...row.counts, encodeHistogram(row.runtime), encodeHistogram(row.wait), level, dimension, word, bucket);
    recent.set(key, row);
    const [oldest] = recent.keys();
    if (recent.size > RECENT_ROWS && oldest !== undefined) recent.delete(oldest);
  }

  return {
    count(task, sign) {
      const minute = Math.floor(task.at / LEVEL_MS[LEVELS.minute]);
      if (task.canary) return add(deltaOf(minute, DIMENSIONS.canary, 0), task, sign);
      add(deltaOf(minute, DIMENSIONS.all, 0), task, sign);
      if (task.name !== null) add(deltaOf(minute, DIMENSIONS.name, task.name), task, sign);
      if (task.worker !== null) add(deltaOf(minute, DIMENSIONS.worker, task.worker), task, sign);
      if (task.queue !== null) add(deltaOf(minute, DIMENSIONS.queue, task.queue), task, sign);
    },
    flush() {
      const hours = new Map<string, { dimension: number; word: number; hour: number; delta: Delta }>();
      for (const [number, delta] of deltas) {
        if (isNothing(delta)) continue;
        const word = number % WORDS;
        const dimension = Math.floor(number / WORDS) % DIMENSION_COUNT;
        const minute = Math.floor(number / WORDS / DIMENSION_COUNT);
        apply(LEVELS.minute, dimension, word, minute * LEVEL_MS[LEVELS.minute], delta);
        const hour = Math.floor(minute / 60);
        const id = `${hour} ${dimension} ${word}`;
        const one = hours.get(id);
        if (one === undefined) hours.set(id, { dimension, word, hour, delta });
        else join(one.delta, delta);
      }
      for (const { dimension, word, hour, delta } of hours.values()) {
        apply(LEVELS.hour, dimension, word, hour * LEVEL_MS[LEVELS.hour], delta);
      }
      deltas.clear();
    },
  };
}

function add(delta: Delta, { state, retried, runtime, wait }: Counted, sign: 1 | -1): void {
  delta.counts[state] = (delta.counts[state] as number) + sign;
  if (retried) delta.counts[RETRIED] = (delta.counts[RETRIED] as number) + sign;
  if (runtime !== null) addTo(delta.runtime, bucketOf(runtime), sign);
  if (wait !== null) addTo(delta.wait, bucketOf(wait), sign);
}

function join(to: Delta, from: Delta): void {
  for (let i = 0; i <= RETRIED; i++) to.counts[i] = (to.counts[i] as number) + (from.counts[i] as number);
  for (const [bucket, count] of from.runtime) addTo(to.runtime, bucket, count);
  for (const [bucket, count] of from.wait) addTo(to.wait, bucket, count);
}

function isNothing({ counts, runtime, wait }: Delta): boolean {
  return runtime.size === 0 && wait.size === 0 && counts.every((count) => count === 0);
}

function rowOf(values: readonly (number | string)[] | undefined): Delta {
  if (values === undefined) return emptyDelta();
  return {
    counts: values.slice(0, RETRIED + 1).map(Number),
    runtime: addEncoded(new Map(), String(values[RETRIED + 1])),
    wait: addEncoded(new Map(), String(values[RETRIED + 2])),
  };
}

function emptyDelta(): Delta {
  return { counts: new Array(RETRIED + 1).fill(0), runtime: new Map(), wait: new Map() };
}
