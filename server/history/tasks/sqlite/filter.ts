/** What a filter means: the ids it spans, a condition on rows, where to look, and what only the task itself decides. */
import { sql } from 'kysely';
import type { TaskFilter } from '#lib/contract/tasks.ts';
import type { Task } from '#lib/model/task.ts';
import { parseSearch, type SearchNode } from '#lib/search/parse.ts';
import { keyOf, placesBetween, STATE_CODES, WORD_KINDS } from './columns.ts';
import { type Dictionary, readDictionary } from './dictionary.ts';
import { conditionOf, matches, namesIn, needsTask, wayOf } from './search.ts';
import { type Asked, every, oneOf, type Sql } from './sql.ts';
import { alternatives, bestWay, type Way, workflow } from './ways.ts';

/** A filter, ready to be asked for. */
export type Asking = {
  low: number;
  high: number;
  condition: Sql;
  way: Way;
  words: Dictionary;
  /** Names that what matches can have; null among them = none was told. */
  names: readonly (number | null)[];
  /** null = the condition tells it all. */
  isMatch: ((task: Task) => boolean) | null;
};

/** Makes it of a filter. @throws SearchError for a bad search */
export function askingOf(asked: Asked, filter: TaskFilter): Asking {
  const words = readDictionary(asked);
  const conditions: Sql[] = [];
  const ways: (Way | null)[] = [];
  for (const column of ['state', ...WORD_KINDS] as const) {
    const wanted = filter[column];
    if (wanted === undefined || wanted.length === 0) continue;
    const values =
      column === 'state' ? (filter.state ?? []).map((state) => STATE_CODES[state]) : words.idsOf(column, wanted);
    conditions.push(oneOf(column, values));
    ways.push(alternatives(column, values, words));
  }
  if (filter.root !== undefined) {
    const key = keyOf(filter.root);
    conditions.push(sql`(root = ${key} or task = ${key})`);
    ways.push(workflow(key));
  }
  if (filter.canaries === undefined) conditions.push(sql`canary = 0`);
  const search: SearchNode = parseSearch(filter.q ?? '');
  conditions.push(conditionOf(search, words));
  ways.push(wayOf(search, words));
  return {
    ...placesBetween(filter.from, filter.to),
    ...{ condition: every(conditions), way: bestWay(ways, words), words },
    names: namesOf(search, filter, words),
    isMatch: needsTask(search) ? (task) => matches(search, task) : null,
  };
}

function namesOf(search: SearchNode, filter: TaskFilter, words: Dictionary): (number | null)[] {
  const searched = namesIn(search, words);
  const wanted = filter.name === undefined ? null : words.idsOf('name', filter.name);
  if (searched === null) return wanted ?? [null, ...words.all('name')];
  return wanted === null ? searched : wanted.filter((id) => searched.includes(id));
}
