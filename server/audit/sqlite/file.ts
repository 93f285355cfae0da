/** Connections to audit.db. The tables guard themselves: what is in them can be neither changed nor removed by a statement. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { explain } from '#server/history/sqlite/explain.ts';

/** Longest wait for another process's lock. */
const BUSY_MS = 2_000;
const VERSION = 1;

const TABLES = `
create table entries (
  seq integer primary key, at integer not null, request text not null,
  phase text not null check (phase in ('before', 'after')),
  actor text not null, role text not null, action text not null, target text not null, reason text not null,
  details text not null, outcome text, previous text not null, hash text not null
) strict;
create index entries_request on entries (request, phase);
create index entries_actor on entries (actor, seq);
create index entries_action on entries (action, seq);
create index entries_target on entries (target, seq);
create trigger entries_keep before update on entries begin select raise(abort, 'the audit is append-only'); end;
create trigger entries_stay before delete on entries begin select raise(abort, 'the audit is append-only'); end;
create trigger entries_follow before insert on entries
  when new.seq is not (select coalesce(max(seq), 0) + 1 from entries)
  begin select raise(abort, 'the audit is append-only'); end;
create table requests (
  key text primary key, fingerprint text not null, request text not null, at integer not null, status integer, body text
) strict;
create index requests_at on requests (at);
pragma user_version = ${VERSION};
`;

/** The writing connection: it makes the folder, the file and the tables. @throws Error with a message for people */
export function openWritable(path: string): DatabaseSync {
  return opened(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    // Made with the right to read it for its owner alone; SQLite gives its own files beside it the same.
    closeSync(openSync(path, 'a', 0o600));
    const db = new DatabaseSync(path, { timeout: BUSY_MS });
    return prepared(db, () => {
      db.exec('pragma journal_mode = wal; pragma synchronous = full');
      transact(db, () => {
        if (versionOf(db) === 0) db.exec(TABLES);
      });
      checkVersion(db);
    });
  });
}

/** A connection that cannot change anything. @throws Error with a message for people */
export function openReadable(path: string): DatabaseSync {
  return opened(path, () => {
    const db = new DatabaseSync(path, { timeout: BUSY_MS, readOnly: true });
    return prepared(db, () => checkVersion(db));
  });
}

/** Runs `work` in a writing transaction: whole or not at all. */
export function transact<T>(db: DatabaseSync, work: () => T): T {
  db.exec('begin immediate');
  try {
    const result = work();
    db.exec('commit');
    return result;
  } catch (error) {
    // A full disk ends the transaction by itself.
    if (db.isTransaction) db.exec('rollback');
    throw error;
  }
}

function opened(path: string, open: () => DatabaseSync): DatabaseSync {
  try {
    return open();
  } catch (error) {
    throw explain(error, path);
  }
}

function prepared(db: DatabaseSync, prepare: () => void): DatabaseSync {
  try {
    prepare();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('pragma user_version').get()?.user_version);
}

function checkVersion(db: DatabaseSync): void {
  const version = versionOf(db);
  if (version !== VERSION)
    throw new Error(`it was written by another Trellis (version ${version}, this one knows ${VERSION})`);
}
