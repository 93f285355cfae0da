/** The connection to drills.db. A run is one row: whole, as JSON, and what lists are asked by beside it. */
import type { DatabaseSync } from 'node:sqlite';
import { checkVersion, openedDatabase, transact, versionOf } from '#server/sqlite/file.ts';

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

/** Opens the file; makes the folder, the file and the tables. */
export function openRuns(path: string): DatabaseSync {
  return openedDatabase(path, { secret: true }, (db) => {
    db.exec('pragma journal_mode = wal; pragma synchronous = full');
    transact(db, 'begin immediate', () => {
      if (versionOf(db) === 0) db.exec(TABLES);
    });
    checkVersion(db, VERSION);
  });
}
