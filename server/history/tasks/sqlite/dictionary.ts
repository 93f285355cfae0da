/** The words of an open file for reading: numbers by text, and how many tasks there are of each. */
import { sql } from 'kysely';
import { timeOfPlace, WORD_KINDS, type WordKind } from './columns.ts';
import type { Rarity } from './rarity.ts';
import { ANY_STATE, DIMENSIONS, LEVEL_MS, LEVELS, STATE_COLUMNS } from './rollups.ts';
import { type Asked, oneOf } from './sql.ts';

/** The columns by which a list can be narrowed. */
export type Column = 'state' | WordKind;

export type Dictionary = Rarity & {
  /** Their numbers; words that nobody used have none. */
  idsOf(kind: WordKind, texts: readonly string[]): number[];
  /** All numbers. */
  all(kind: WordKind): number[];
  /** Numbers of words that have this text in them, whatever the case. */
  containing(kind: WordKind, text: string): number[];
  /** About how many tasks there are with any of these values, canaries left out. */
  countOf(column: Column, values: readonly number[]): number;
  /** About how many tasks there are. */
  total(): number;
  /** About which share of them (0 to 1) is between two ids. */
  shareOf(low: number, high: number): number;
};

/** Failures by exception are not counted: most tasks do not fail. */
const EXCEPTIONS_SHARE = 1 / 100;

/** The dictionary; every question is asked at once. */
export function readDictionary(asked: Asked): Dictionary {
  const sum = (columns: string, dimension: number, words: readonly number[]) =>
    Number(
      asked.get(sql`select coalesce(sum(${sql.raw(columns)}), 0) as count from rollups
        where level = ${LEVELS.hour} and dimension = ${dimension} and ${oneOf('word', words)}`)?.count,
    );
  const kindOf = (kind: WordKind) => WORD_KINDS.indexOf(kind);
  let known: number | null = null;
  const total = () => {
    known ??= sum(ANY_STATE, DIMENSIONS.all, [0]);
    return known;
  };
  return {
    piecesOf: asked.rarity.piecesOf,
    idsOf: (kind, texts) =>
      texts.flatMap((text) => {
        const row = asked.get(sql`select id from words where kind = ${kindOf(kind)} and text = ${text}`);
        return row === undefined ? [] : [Number(row.id)];
      }),
    all: (kind) => asked.all(sql`select id from words where kind = ${kindOf(kind)}`).map(({ id }) => Number(id)),
    containing(kind, text) {
      const wanted = text.toLowerCase();
      const rows = asked.all(sql`select id, text from words where kind = ${kindOf(kind)}`);
      return rows.filter((row) => String(row.text).toLowerCase().includes(wanted)).map(({ id }) => Number(id));
    },
    countOf(column, values) {
      if (values.length === 0) return 0;
      if (column === 'exception') return total() * EXCEPTIONS_SHARE;
      if (column !== 'state') return sum(ANY_STATE, DIMENSIONS[column], values);
      return sum(values.map((code) => STATE_COLUMNS[code]).join(' + '), DIMENSIONS.all, [0]);
    },
    total,
    shareOf(low, high) {
      const from = timeOfPlace(low) - LEVEL_MS[LEVELS.hour];
      const row = asked.get(sql`select sum(${sql.raw(ANY_STATE)}) as count from rollups
        where level = ${LEVELS.hour} and dimension = ${DIMENSIONS.all} and word = 0
        and bucket between ${from} and ${timeOfPlace(high)}`);
      return Number(row?.count ?? 0) / Math.max(1, total());
    },
  };
}
