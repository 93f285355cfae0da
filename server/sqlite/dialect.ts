/** Kysely on node:sqlite. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { SqliteAdapter, SqliteDialect } from 'kysely';

/** A dialect over an open connection. */
export function nodeSqlite(connection: DatabaseSync): SqliteDialect {
  const dialect = new SqliteDialect({
    database: {
      close: () => connection.close(),
      prepare(sql) {
        const statement = connection.prepare(sql);
        const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
        return {
          reader: statement.columns().length > 0,
          all: (parameters) => statement.all(...values(parameters)),
          run: (parameters) => statement.run(...values(parameters)),
          iterate: (parameters) => statement.iterate(...values(parameters)),
        };
      },
    },
  });
  dialect.createAdapter = () => new TransactionalAdapter();
  return dialect;
}

/** So that a migration happens whole or not at all; Kysely leaves that off for SQLite. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
