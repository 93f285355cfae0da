/** Connections to tasks.db. */
import type { DatabaseSync } from 'node:sqlite';
import { type KeptFile, keptFile, openedDatabase } from '#server/sqlite/file.ts';
import { checkVersion, migrate } from './migrations.ts';

const WRITER_CACHE_KIB = 24_576;
const READER_CACHE_KIB = 24_576;
/** Pages of the log before it is carried over into the file: 32 MB. Pages that change often are carried over once. */
const LOG_PAGES = 8_000;
const LOG_LIMIT_BYTES = 64 << 20;

/** The writing connection: it makes the folder, the file and the tables. `prepare` is called on every opening. */
export function writableTasks<T>(path: string, prepare: (db: DatabaseSync) => T): KeptFile<T> {
  const connect = () =>
    openedDatabase(path, {}, (db) => {
      db.exec(`pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = ${LOG_PAGES}`);
      db.exec(`pragma journal_size_limit = ${LOG_LIMIT_BYTES}; pragma cache_size = -${WRITER_CACHE_KIB}`);
      migrate(db);
    });
  return keptFile(path, connect, prepare);
}

/** The reading connection: it cannot change anything. */
export function readableTasks<T>(path: string, prepare: (db: DatabaseSync) => T): KeptFile<T> {
  const connect = () =>
    openedDatabase(path, { readOnly: true }, (db) => {
      db.exec(`pragma cache_size = -${READER_CACHE_KIB}`);
      checkVersion(db);
    });
  return keptFile(path, connect, prepare);
}
