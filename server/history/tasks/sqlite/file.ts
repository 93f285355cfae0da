/** One connection to tasks.db, opened when it is needed and again after any failure, so that trying again can succeed. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { explain } from '#server/history/sqlite/explain.ts';
import { checkVersion, migrate } from './migrations.ts';

/** An open file and what was prepared on it. */
export type TaskFile<T> = {
  /** @throws Error with a message for people; the next call opens the file anew */
  use<R>(work: (open: T) => R): R;
  close(): void;
};

/** Longest wait for another process's lock. */
const BUSY_MS = 2_000;
const WRITER_CACHE_KIB = 24_576;
const READER_CACHE_KIB = 24_576;
/** Pages of the log before it is carried over into the file: 32 MB. Pages that change often are carried over once. */
const LOG_PAGES = 8_000;
const LOG_LIMIT_BYTES = 64 << 20;

/** The writing connection: it makes the folder, the file and the tables. `prepare` is called on every opening. */
export function writableTasks<T>(path: string, prepare: (db: DatabaseSync) => T): TaskFile<T> {
  return taskFile(path, prepare, () => {
    mkdirSync(dirname(path), { recursive: true });
    const db = new DatabaseSync(path, { timeout: BUSY_MS });
    return guarded(db, () => {
      db.exec(`pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = ${LOG_PAGES}`);
      db.exec(`pragma journal_size_limit = ${LOG_LIMIT_BYTES}; pragma cache_size = -${WRITER_CACHE_KIB}`);
      migrate(db);
    });
  });
}

/** The reading connection: it cannot change anything. */
export function readableTasks<T>(path: string, prepare: (db: DatabaseSync) => T): TaskFile<T> {
  return taskFile(path, prepare, () => {
    const db = new DatabaseSync(path, { timeout: BUSY_MS, readOnly: true });
    return guarded(db, () => {
      db.exec(`pragma cache_size = -${READER_CACHE_KIB}`);
      checkVersion(db);
    });
  });
}

/** Runs `work` in a transaction: whole or not at all. */
export function transact<R>(db: DatabaseSync, begin: 'begin' | 'begin immediate', work: () => R): R {
  db.exec(begin);
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

function guarded(db: DatabaseSync, work: () => void): DatabaseSync {
  try {
    work();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function taskFile<T>(path: string, prepare: (db: DatabaseSync) => T, connect: () => DatabaseSync): TaskFile<T> {
  let open: { db: DatabaseSync; prepared: T; file: string } | null = null;

  function close(): void {
    const closing = open;
    open = null;
    closing?.db.close();
  }

  function opened(): T {
    // A file that was moved away would go on taking writes that nobody ever finds.
    if (open !== null && open.file !== identity(path)) close();
    if (open === null) {
      const db = connect();
      guarded(db, () => {
        open = { db, prepared: prepare(db), file: identity(path) };
      });
    }
    return (open as unknown as { prepared: T }).prepared;
  }

  return {
    use(work) {
      try {
        return work(opened());
      } catch (error) {
        try {
          close();
        } catch {
          // What failed first is what is told.
        }
        throw explain(error, path);
      }
    },
    close,
  };
}

function identity(path: string): string {
  const { dev, ino } = statSync(path, { throwIfNoEntry: false }) ?? { dev: 0, ino: 0 };
  return `${dev}/${ino}`;
}
