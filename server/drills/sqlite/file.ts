/** The connection to drills.db. A run is one row: whole, as JSON, and what lists are asked by beside it. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { explain } from '#server/history/sqlite/explain.ts';

/** Longest wait for another process's lock. */
const BUSY_MS = 2_000;
const VERSION = 1;

const TABLES = `
create table runs (
  id text primary key, drill text not null, started_at integer not null, state text not null, record text not null
) strict;
create index runs_started on runs (started_at);
create index runs_drill on runs (drill, started_at);
create index runs_open on runs (state) where state <> 'ended';
pragma user_version = ${VERSION};
`;

/** Opens the file; makes the folder, the file and the tables. @throws Error with a message for people */
export function openRuns(path: string): DatabaseSync {
  try {
    mkdirSync(dirname(path), { recursive: true });
    // Made with the right to read it for its owner alone; SQLite gives its own files beside it the same.
    closeSync(openSync(path, 'a', 0o600));
    const db = new DatabaseSync(path, { timeout: BUSY_MS });
    try {
      db.exec('pragma journal_mode = wal; pragma synchronous = full');
      if (versionOf(db) === 0) db.exec(`begin immediate; ${TABLES} commit`);
      const version = versionOf(db);
      if (version !== VERSION)
        throw new Error(`it was written by another Trellis (version ${version}, this one knows ${VERSION})`);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw explain(error, path);
  }
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('pragma user_version').get()?.user_version);
}
