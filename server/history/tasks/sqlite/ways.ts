/** Ways to tasks: which indexes to read so that nothing is missed and little is read in vain. */
import { sql } from 'kysely';
import { STATE_CODES } from './columns.ts';
import type { Column, Dictionary } from './dictionary.ts';
import { bounds, oneOf, type Sql } from './sql.ts';

/** Selects the ids of one index's part that are within the bounds and fulfil a condition. */
export type Arm = (condition: Sql) => Sql;

/** Arms and a question to the search index; together they give every match, and others. */
export type Way = {
  arms: readonly Arm[];
  /** In FTS5's language; null = the search index is not needed. */
  text: string | null;
  /** About how many rows have to be looked at. */
  rows: number;
  /** Tasks that are not in the search index yet belong to it. */
  isFresh: boolean;
};

/** SQLite joins at most 500 selects. */
const MOST_ARMS = 400;
/** A scan costs so much less a row than an index, which jumps from page to page. */
const SCAN_SHARE = 1 / 10;
/** Too few to think about. */
const FEW_ROWS = 2_000;

/** By one column's values, each by its index. */
export function alternatives(column: Column, values: readonly number[], words: Dictionary): Way {
  // Most tasks end well, so there is no index of those that did.
  if (column === 'state' && values.includes(STATE_CODES.SUCCESS)) {
    return { arms: [scan(oneOf('state', values))], text: null, rows: words.total(), isFresh: false };
  }
  const arms = values.length > MOST_ARMS ? [scan(oneOf(column, values))] : values.map((value) => armOf(column, value));
  return { arms, text: null, rows: words.countOf(column, values), isFresh: false };
}

/** By the first task of a workflow. */
export function workflow(key: Uint8Array | string): Way {
  const arms: Arm[] = [
    (condition) => sql`select id from tasks indexed by tasks_root where root = ${key} and ${bounds()} and ${condition}`,
    (condition) => sql`select id from tasks indexed by tasks_task where task = ${key} and ${bounds()} and ${condition}`,
  ];
  return { arms, text: null, rows: 0, isFresh: false };
}

/** What any of them leads to; null where one of them is everywhere. */
export function anyOf(ways: readonly (Way | null)[]): Way | null {
  const known = ways.filter((way) => way !== null);
  if (known.length < ways.length) return null;
  const texts = known.flatMap(({ text }) => (text === null ? [] : [`(${text})`]));
  return {
    arms: known.flatMap(({ arms }) => arms),
    text: texts.length === 0 ? null : texts.join(' OR '),
    rows: known.reduce((sum, { rows }) => sum + rows, 0),
    isFresh: known.some(({ isFresh }) => isFresh),
  };
}

/** The best way to what all of them lead to: one of them, or what all searches have in common. */
export function bothOf(ways: readonly (Way | null)[]): Way | null {
  const known = ways.filter((way) => way !== null);
  const searches = known.filter(({ arms, text }) => arms.length === 0 && text !== null);
  const common: Way = {
    ...{ arms: [], text: searches.map(({ text }) => `(${text})`).join(' AND '), isFresh: true },
    rows: Math.min(...searches.map(({ rows }) => rows)),
  };
  const others = known.filter((way) => !searches.includes(way));
  const [best = null] = (searches.length === 0 ? others : [common, ...others]).sort((a, b) => a.rows - b.rows);
  return best;
}

/** The way that a list takes; a scan of everything where no index is worth its while. */
export function bestWay(ways: readonly (Way | null)[], words: Dictionary): Way {
  const best = bothOf(ways);
  const total = words.total();
  const isWorth = best !== null && (best.text !== null || best.rows <= Math.max(FEW_ROWS, total * SCAN_SHARE));
  return isWorth ? best : { arms: [scan(sql`true`)], text: null, rows: total, isFresh: false };
}

/** The ids of a way, newest or oldest first where told. */
export function idsOf(way: Way, condition: Sql, order: 'desc' | 'asc' | null): Sql {
  const arms = (way.arms.length > MOST_ARMS ? [scan(sql`true`)] : way.arms).map((one) => one(condition));
  if (way.text !== null) {
    arms.push(sql`select rowid as id from search where search match ${way.text} and ${bounds('rowid')}
      and exists (select 1 from tasks where tasks.id = search.rowid and ${condition})`);
  }
  if (way.isFresh) {
    arms.push(sql`select id from tasks indexed by tasks_fresh where indexed = 0 and ${bounds()} and ${condition}`);
  }
  const union = arms.length === 0 ? sql`select id from tasks where false` : sql.join(arms, sql` union `);
  return order === null ? union : sql`${union} order by id ${sql.raw(order)}`;
}

function scan(extra: Sql): Arm {
  return (condition) => sql`select id from tasks not indexed where ${bounds()} and ${extra} and ${condition}`;
}

/** Of a partial index its condition has to be told. */
const PARTIAL: Readonly<Partial<Record<Column, string>>> = {
  state: ` and state <> ${STATE_CODES.SUCCESS}`,
  exception: ' and exception is not null',
};

function armOf(column: Column, value: number): Arm {
  const table = sql.raw(`tasks indexed by tasks_${column} where ${column}`);
  const part = sql.raw(PARTIAL[column] ?? '');
  return (condition) => sql`select id from ${table} = ${value}${part} and ${bounds()} and ${condition}`;
}
