/** One connection to the file, opened when it is needed and again after any failure, so that trying again can succeed. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { nodeSqlite } from '#server/sqlite/dialect.ts';
import { explain } from '#server/sqlite/explain.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Tables } from './tables.ts';

export type Database = {
  /** Runs `work` when everything asked before is done. @throws Error with a message for people */
  use<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

/** Longest wait for another process's lock. */
const BUSY_MS = 2_000;

type Open = { db: Kysely<Tables>; file: string };

/** The writing connection: it makes the folder, the file and the tables. */
export function writableDatabase(path: string): Database {
  return database(path, async () => {
    mkdirSync(dirname(path), { recursive: true });
    const connection = new DatabaseSync(path, { timeout: BUSY_MS });
    return prepared(connection, async (db) => {
      connection.exec('pragma journal_mode = wal; pragma synchronous = full');
      const { error } = await new Migrator({
        db,
        provider: { getMigrations: async () => MIGRATIONS },
      }).migrateToLatest();
      if (error !== undefined) throw error;
    });
  });
}

/** The reading connection: it cannot change anything. */
export function readOnlyDatabase(path: string): Database {
  return database(path, () => prepared(new DatabaseSync(path, { timeout: BUSY_MS, readOnly: true }), async () => {}));
}

async function prepared(
  connection: DatabaseSync,
  prepare: (db: Kysely<Tables>) => Promise<void>,
): Promise<Kysely<Tables>> {
  try {
    const db = new Kysely<Tables>({ dialect: nodeSqlite(connection) });
    await prepare(db);
    return db;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function database(path: string, connect: () => Promise<Kysely<Tables>>): Database {
  let open: Open | null = null;
  let last: Promise<unknown> = Promise.resolve();

  async function close(): Promise<void> {
    const closing = open;
    open = null;
    await closing?.db.destroy();
  }

  async function run<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    try {
      // A file that was moved away would go on taking writes that nobody ever finds.
      if (open !== null && open.file !== identity(path)) await close();
      if (open === null) {
        const db = await connect();
        open = { db, file: identity(path) };
      }
      return await work(open.db);
    } catch (error) {
      await close().catch(() => {});
      throw explain(error, path);
    }
  }

  return {
    use(work) {
      const result = last.then(() => run(work));
      last = result.catch(() => {});
      return result;
    },
    close: () => last.then(close),
  };
}

function identity(path: string): string {
  const { dev, ino } = statSync(path, { throwIfNoEntry: false }) ?? { dev: 0, ino: 0 };
  return `${dev}/${ino}`;
}
