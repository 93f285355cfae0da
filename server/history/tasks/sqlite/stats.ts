/** How much there is, and how large the file is. */
import type { DatabaseSync } from 'node:sqlite';
import type { TaskStoreStats } from '#server/history/tasks/store.ts';
import { timeOfPlace } from './columns.ts';
import { ANY_STATE, DIMENSIONS, LEVELS } from './rollups.ts';

/** How many tasks there are, by the counts that are kept anyway. */
export function taskCount(db: DatabaseSync): number {
  const sql = `select coalesce(sum(${ANY_STATE}), 0) as count from rollups
    where level = ${LEVELS.hour} and dimension in (${DIMENSIONS.all}, ${DIMENSIONS.canary})`;
  return Number(db.prepare(sql).get()?.count);
}

/** Bytes in use, and free ones inside the file. */
export function fileSize(db: DatabaseSync): { usedBytes: number; freeBytes: number } {
  const pragma = (name: string) => Number(db.prepare(`pragma ${name}`).get()?.[name]);
  const freeBytes = pragma('freelist_count') * pragma('page_size');
  return { usedBytes: pragma('page_count') * pragma('page_size') - freeBytes, freeBytes };
}

/** The figures of an open file. */
export function statsOf(db: DatabaseSync): TaskStoreStats {
  const { usedBytes, freeBytes } = fileSize(db);
  const place = (end: 'min' | 'max') => {
    const id = db.prepare(`select ${end}(id) as id from tasks`).get()?.id ?? null;
    return id === null ? null : timeOfPlace(Number(id));
  };
  const [oldestAt, newestAt] = [place('min'), place('max')];
  return { tasks: taskCount(db), bytes: usedBytes + freeBytes, freeBytes, oldestAt, newestAt };
}
