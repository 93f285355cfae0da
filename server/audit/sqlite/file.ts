/** Connections to audit.db. The tables guard themselves: what is in them can be neither changed nor removed by a statement. */
import type { DatabaseSync } from 'node:sqlite';
import { checkVersion, openedDatabase, transact, versionOf } from '#server/sqlite/file.ts';

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

/** The writing connection: it makes the folder, the file and the tables. */
export function openWritable(path: string): DatabaseSync {
  return openedDatabase(path, { secret: true }, (db) => {
    db.exec('pragma journal_mode = wal; pragma synchronous = full');
    transact(db, 'begin immediate', () => {
      if (versionOf(db) === 0) db.exec(TABLES);
    });
    checkVersion(db, VERSION);
  });
}

/** A connection that cannot change anything. */
export function openReadable(path: string): DatabaseSync {
  return openedDatabase(path, { readOnly: true }, (db) => checkVersion(db, VERSION));
}
