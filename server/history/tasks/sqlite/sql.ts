/** Statements that are put together while they are asked: written with Kysely's `sql`, run on a connection. */
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { Kysely, type RawBuilder, sql } from 'kysely';
import { nodeSqlite } from '#server/sqlite/dialect.ts';
import { openRarity, type Rarity } from './rarity.ts';

export type Sql = RawBuilder<unknown>;
export type Row = Record<string, SQLOutputValue>;

/** Stand for the bounds of the ids that are asked for; put in anew each time. */
export const LOW = Symbol('low');
export const HIGH = Symbol('high');

/** A statement with bounds; `all` reads every row at once, `iterate` one after the other. */
export type Bounded = {
  all(low: number, high: number): Row[];
  iterate(low: number, high: number): Iterable<Row>;
};

const KEPT_STATEMENTS = 400;

/** An open file to ask. Two readings of the very same text at one time would disturb each other. */
export type Asked = {
  db: DatabaseSync;
  rarity: Rarity;
  all(query: Sql): Row[];
  get(query: Sql): Row | undefined;
  bounded(query: Sql): Bounded;
};

/** Ways to ask an open file. */
export function asked(db: DatabaseSync): Asked {
  const kysely = new Kysely<unknown>({ dialect: nodeSqlite(db) });
  // Kept, since a statement holds memory until the next garbage collection, which knows nothing of it.
  const statements = new Map<string, StatementSync>();
  const prepare = (query: Sql): [StatementSync, readonly unknown[]] => {
    const { sql: text, parameters } = query.compile(kysely);
    const statement = statements.get(text) ?? db.prepare(text);
    statements.delete(text);
    statements.set(text, statement);
    const [oldest] = statements.keys();
    if (statements.size > KEPT_STATEMENTS && oldest !== undefined) statements.delete(oldest);
    return [statement, parameters];
  };
  return {
    db,
    rarity: openRarity(db),
    all(query) {
      const [statement, values] = prepare(query);
      return statement.all(...(values as SQLInputValue[]));
    },
    get(query) {
      const [statement, values] = prepare(query);
      return statement.get(...(values as SQLInputValue[]));
    },
    bounded(query) {
      const [statement, values] = prepare(query);
      const put = (low: number, high: number) =>
        values.map((value) => (value === LOW ? low : value === HIGH ? high : value)) as SQLInputValue[];
      return {
        all: (low, high) => statement.all(...put(low, high)),
        iterate: (low, high) => statement.iterate(...put(low, high)),
      };
    },
  };
}

/** The ids that are asked for. */
export function bounds(column: 'id' | 'rowid' = 'id'): Sql {
  return sql`${sql.raw(column)} between ${LOW} and ${HIGH}`;
}

/** All of them; true where there are none. */
export function every(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`true` : sql`(${sql.join(conditions, sql` and `)})`;
}

/** Any of them; false where there are none. */
export function some(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql` or `)})`;
}

/** A column is one of these numbers. */
export function oneOf(column: string, values: readonly number[]): Sql {
  return values.length === 0 ? sql`false` : sql`${sql.raw(column)} in (${sql.raw(values.map(Math.trunc).join(', '))})`;
}
