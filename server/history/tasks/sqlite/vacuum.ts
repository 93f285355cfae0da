/** Gives the disk back what deleted tasks left free. */
import { DatabaseSync } from 'node:sqlite';
import { explain } from '#server/sqlite/explain.ts';
import { checkVersion } from './migrations.ts';
import { statsOf } from './stats.ts';

const BUSY_MS = 10_000;

/**
 * Writes the file anew without its free pages; needs as much room again while it works, and keeps the intake of events
 * waiting meanwhile. @throws Error with a message for people
 */
export function vacuumTasks(path: string): { beforeBytes: number; afterBytes: number } {
  try {
    const db = new DatabaseSync(path, { timeout: BUSY_MS });
    try {
      checkVersion(db);
      const { bytes: beforeBytes } = statsOf(db);
      db.exec(`insert into search (search) values ('optimize')`);
      db.exec('vacuum');
      db.exec('pragma wal_checkpoint(truncate)');
      return { beforeBytes, afterBytes: statsOf(db).bytes };
    } finally {
      db.close();
    }
  } catch (error) {
    throw explain(error, path);
  }
}
