/** Every step of the tasks' tables, in order; the file's `user_version` counts those done. A released step never changes. */
import type { DatabaseSync } from 'node:sqlite';
import { transact, versionOf } from '#server/sqlite/file.ts';

/**
 * `tasks` is narrow, so that millions are read fast; `records` holds what is known of each (`encodeRecord`). The id of both is
 * the task's place in time (`columns.ts`), so every index is in the order of lists by itself.
 */
const TASKS = `
create table words (
  id integer primary key,
  kind integer not null,
  text text not null,
  -- The newest Task.at that uses it, to a minute or so.
  used_at integer not null,
  unique (kind, text)
) strict;

create table tasks (
  id integer primary key,
  task any not null,
  state integer not null,
  name integer,
  worker integer,
  queue integer,
  exception integer,
  -- Of the first task of its workflow, null where it is that itself.
  root any,
  canary integer not null,
  retried integer not null,
  runtime real,
  wait real,
  -- When the newest of its events was, epoch ms.
  changed integer not null,
  -- Whether its text is in the search index.
  indexed integer not null
) strict;
create unique index tasks_task on tasks (task);
create index tasks_name on tasks (name);
create index tasks_worker on tasks (worker);
create index tasks_queue on tasks (queue);
create index tasks_state on tasks (state) where state <> 8;
create index tasks_exception on tasks (exception) where exception is not null;
-- All that groups of failures are made of: no task is looked at for them.
create index tasks_failed on tasks (exception, name, worker, queue, canary) where state = 5;
create index tasks_root on tasks (root) where root is not null;
create index tasks_canary on tasks (canary) where canary = 1;
create index tasks_runtime on tasks (name, runtime) where runtime is not null;
create index tasks_open on tasks (changed) where state <= 4;
create index tasks_fresh on tasks (indexed) where indexed = 0;

create table records (id integer primary key, record text not null) strict;

-- Keeps no text, only which three letters stand where: the text is in the records.
create virtual table search using fts5 (text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram');
insert into search (search, rank) values ('automerge', 8);

-- How many tasks began in each minute and hour, of all and of each name, worker and queue, by state.
create table rollups (
  level integer not null,
  dimension integer not null,
  word integer not null,
  bucket integer not null,
  pending integer not null,
  received integer not null,
  started integer not null,
  retry integer not null,
  orphaned integer not null,
  failure integer not null,
  revoked integer not null,
  rejected integer not null,
  success integer not null,
  retried integer not null,
  -- Histograms (\`histogram.ts\`) as JSON.
  runtime text not null,
  wait text not null,
  primary key (level, dimension, word, bucket)
) strict, without rowid;

create table marks (
  worker text primary key,
  pid integer,
  processed integer not null,
  seen integer not null,
  at real not null
) strict;
`;

export const MIGRATIONS: readonly string[] = [TASKS];

/** Brings the tables to the newest step, each step whole or not at all. @throws Error for a file of a newer Trellis */
export function migrate(db: DatabaseSync): void {
  for (let done = versionOf(db); done < MIGRATIONS.length; done++) {
    transact(db, 'begin immediate', () => {
      // Another process may have been faster.
      if (versionOf(db) === done) db.exec(`${MIGRATIONS[done]}; pragma user_version = ${done + 1}`);
    });
  }
  checkVersion(db);
}

/** @throws Error when the tables are not those that this Trellis knows */
export function checkVersion(db: DatabaseSync): void {
  const version = versionOf(db);
  if (version > MIGRATIONS.length)
    throw new Error('was written by a newer Trellis: start that one, or move the file away');
  if (version < MIGRATIONS.length) throw new Error('is not ready yet: the intake of events makes its tables');
}
