/** Deletes what is too old or too much, the oldest first, in slices that take a few milliseconds. */
import type { DatabaseSync } from 'node:sqlite';
import type { TaskRetention } from '#server/history/tasks/store.ts';
import { placeOf } from './columns.ts';
import type { Deltas } from './rollups.ts';
import { countedOf, storedRow } from './rows.ts';
import type { SearchIndex } from './search-index.ts';
import { fileSize, taskCount } from './stats.ts';
import type { Words } from './words.ts';

export type Retention = { slice(limits: TaskRetention, now: number): { deleted: number; more: boolean } };
type Options = { db: DatabaseSync; words: Words; deltas: Deltas; search: SearchIndex };

/** Tasks deleted at once. */
const SLICE = 100;
/** Worker processes that have not been heard of for so long do not come back. */
const MARK_MS = 7 * 86_400_000;

/** The retention of an open file; `slice` belongs into a transaction. */
export function openRetention({ db, words, deltas, search }: Options): Retention {
  const oldest = db.prepare('select * from tasks order by id limit ?');
  const removeUpTo = db.prepare('delete from tasks where id <= ?');
  const removeRecords = db.prepare('delete from records where id <= ?');
  const removeMarks = db.prepare('delete from marks where at < ?');

  /** How many of the oldest are to go: all that are too old, and those above the limits. */
  function surplus({ maxRows, maxBytes }: TaskRetention): number {
    const count = taskCount(db);
    const { usedBytes } = fileSize(db);
    const tooMany = Math.max(0, count - maxRows);
    // By the average size; what the index gives back later is looked at by the next call.
    const tooLarge = usedBytes > maxBytes ? Math.ceil(((usedBytes - maxBytes) / usedBytes) * count) : 0;
    return Math.max(tooMany, tooLarge);
  }

  return {
    slice(limits, now) {
      removeMarks.run(now - MARK_MS);
      const over = surplus(limits);
      const tooOld = placeOf(now - limits.maxAgeMs);
      const rows = oldest.all(SLICE).filter((row, i) => i < over || Number(row.id) < tooOld);
      const last = rows.at(-1);
      if (last === undefined) return { deleted: 0, more: false };
      for (const row of rows) {
        deltas.count(countedOf(Number(row.id), storedRow(row)), -1);
        if (row.indexed === 1) search.remove(Number(row.id));
        else search.isFresh(-1);
      }
      removeUpTo.run(Number(last.id));
      removeRecords.run(Number(last.id));
      deltas.flush();
      words.forget(Number(last.id));
      return { deleted: rows.length, more: rows.length === SLICE || fileSize(db).usedBytes > limits.maxBytes };
    },
  };
}
