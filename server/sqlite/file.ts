/** What every SQLite file of Trellis is opened and written with. */
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type DatabaseSyncOptions } from 'node:sqlite';
import { explain } from './explain.ts';

/** Longest wait for another process's lock. */
const BUSY_MS = 2_000;

/** A file that is opened when it is needed and again after any failure, so that trying again can succeed. */
export type KeptFile<T> = {
  /** @throws Error with a message for people; the next call opens the file anew */
  use<R>(work: (open: T) => R): R;
  close(): void;
};

/** Keeps the file at `path`: `connect` opens it, `prepare` makes of it what is worked with. Nothing is opened before the first use. */
export function keptFile<T>(path: string, connect: () => DatabaseSync, prepare: (db: DatabaseSync) => T): KeptFile<T> {
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
      closedOnError(db, () => {
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

/** A connection on which `prepare` has run; it makes the folder and, readable by its owner alone where asked, the file. */
export function openedDatabase(
  path: string,
  options: DatabaseSyncOptions & { secret?: boolean },
  prepare: (db: DatabaseSync) => void,
): DatabaseSync {
  const { secret = false, ...rest } = options;
  if (rest.readOnly !== true) mkdirSync(dirname(path), { recursive: true });
  // SQLite gives its own files beside it the same rights.
  if (secret) closeSync(openSync(path, 'a', 0o600));
  const db = new DatabaseSync(path, { timeout: BUSY_MS, ...rest });
  return closedOnError(db, () => prepare(db));
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

/** The version of the tables; 0 = there are none yet. */
export function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('pragma user_version').get()?.user_version);
}

/** @throws Error when the tables are not of this version */
export function checkVersion(db: DatabaseSync, known: number): void {
  const version = versionOf(db);
  if (version !== known)
    throw new Error(`it was written by another Trellis (version ${version}, this one knows ${known})`);
}

function closedOnError(db: DatabaseSync, work: () => void): DatabaseSync {
  try {
    work();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function identity(path: string): string {
  const { dev, ino } = statSync(path, { throwIfNoEntry: false }) ?? { dev: 0, ino: 0 };
  return `${dev}/${ino}`;
}
