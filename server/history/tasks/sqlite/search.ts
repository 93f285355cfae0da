/** What a search means: for rows, for the index, and for a whole task. */
import { sql } from 'kysely';
import type { Task } from '#lib/model/task.ts';
import type { SearchNode, SearchTerm } from '#lib/search/parse.ts';
import { keysFrom, STATES_BY_CODE, searchedTexts } from './columns.ts';
import type { Dictionary } from './dictionary.ts';
import { bounds, every, oneOf, type Sql, some } from './sql.ts';
import { type Arm, alternatives, anyOf, bothOf, type Way } from './ways.ts';

/** Whether only a look at the task itself decides: words in what it was called with and what came of it. */
export function needsTask(node: SearchNode): boolean {
  if (node.op !== 'term') return node.nodes.some(needsTask);
  return !['name', 'state', 'worker'].includes(node.field);
}

/** A condition on rows that every match fulfils. */
export function conditionOf(node: SearchNode, words: Dictionary): Sql {
  if (node.op !== 'term') {
    const conditions = node.nodes.map((one) => conditionOf(one, words));
    return node.op === 'and' ? every(conditions) : some(conditions);
  }
  if (node.field === 'state') return oneOf('state', statesOf(node));
  if (node.field === 'name' || node.field === 'worker')
    return oneOf(node.field, words.containing(node.field, node.text));
  return sql`true`;
}

/** Where to look for what matches; null = everywhere. */
export function wayOf(node: SearchNode, words: Dictionary): Way | null {
  if (node.op !== 'term') {
    const ways = node.nodes.map((one) => wayOf(one, words));
    return node.op === 'and' ? bothOf(ways) : anyOf(ways);
  }
  if (node.field === 'state') return alternatives('state', statesOf(node), words);
  if (node.field === 'name' || node.field === 'worker') {
    return alternatives(node.field, words.containing(node.field, node.text), words);
  }
  const text = textWay(node, words);
  if (node.field !== 'any') return text;
  const places = [
    text,
    { arms: idArms(node.text), text: null, rows: 0, isFresh: false },
    alternatives('state', statesOf(node), words),
    ...(['name', 'worker'] as const).map((field) => alternatives(field, words.containing(field, node.text), words)),
  ];
  return anyOf(places);
}

/** Names that what matches can have; null = any. */
export function namesIn(node: SearchNode, words: Dictionary): number[] | null {
  if (node.op === 'term') return node.field === 'name' ? words.containing('name', node.text) : null;
  const sets = node.nodes.map((one) => namesIn(one, words));
  const known = sets.filter((set) => set !== null);
  if (node.op === 'or') return known.length < sets.length ? null : [...new Set(known.flat())];
  return known.length === 0 ? null : known.reduce((both, set) => both.filter((id) => set.includes(id)));
}

/** Whether the task matches. */
export function matches(node: SearchNode, task: Task): boolean {
  if (node.op !== 'term') {
    const isMatch = (one: SearchNode) => matches(one, task);
    return node.op === 'and' ? node.nodes.every(isMatch) : node.nodes.some(isMatch);
  }
  const texts = searchedTexts(task);
  const [name, worker, state] = [task.name ?? '', task.worker ?? '', task.state];
  const wanted = node.text.toLowerCase();
  const has = (text: string) => text.toLowerCase().includes(wanted);
  switch (node.field) {
    case 'state':
      return state.toLowerCase() === wanted;
    case 'name':
      return has(name);
    case 'worker':
      return has(worker);
    case 'kwargs':
      return node.exact ? hasPair(texts.kwargs, node.text) : has(texts.kwargs);
    case 'args':
    case 'result':
      return has(texts[node.field]);
    default:
      return task.id.toLowerCase().startsWith(wanted) || [name, state, worker, ...Object.values(texts)].some(has);
  }
}

function statesOf({ field, text }: SearchTerm): number[] {
  const wanted = text.toLowerCase();
  const isWanted = (state: string) => (field === 'state' ? state === wanted : state.includes(wanted));
  return STATES_BY_CODE.flatMap((state, code) => (isWanted(state.toLowerCase()) ? [code] : []));
}

/** Tasks whose id begins so. */
function idArms(text: string): Arm[] {
  const keys = keysFrom(text.toLowerCase());
  const between = (low: Uint8Array | string, high: Uint8Array | string) => (condition: Sql) =>
    sql`select id from tasks indexed by tasks_task where task between ${low} and ${high} and ${bounds()} and ${condition}`;
  const others = between(text, `${text}\u{10ffff}`);
  return keys === null ? [others] : [between(keys.low, keys.high), others];
}

/** By the search index; null where the text is too short for it. */
function textWay({ text, exact }: SearchTerm, words: Dictionary): Way | null {
  // Of a pair the key and the value are looked for; how Python printed what is between them is seen in the task.
  const texts = exact ? pairOf(text).filter((part) => /^[\w .:@-]+$/.test(part)) : [text];
  const found = texts.map(words.piecesOf).filter(({ pieces }) => pieces.length > 0);
  if (found.length === 0) return null;
  const pieces = found.flatMap((one) => one.pieces).map((piece) => `"${piece.replaceAll('"', '""')}"`);
  const share = Math.min(...found.map((one) => one.share));
  return { arms: [], text: pieces.join(' AND '), rows: share * words.total(), isFresh: true };
}

function pairOf(text: string): [string, string] {
  const end = text.indexOf('=');
  return [text.slice(0, end).trim(), text.slice(end + 1).trim()];
}

/** Whether the printed dictionary has this pair: `'priority': 'high'`, quoted or not. */
function hasPair(kwargs: string, text: string): boolean {
  const [key, value] = pairOf(text.toLowerCase());
  const printed = kwargs.toLowerCase();
  return [`'${value}'`, `"${value}"`, value].some((one) =>
    [`'${key}': ${one}`, `"${key}": ${one}`].some(
      (pair) => printed.includes(`${pair},`) || printed.includes(`${pair}}`),
    ),
  );
}
