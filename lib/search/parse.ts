/** The search language of tasks, Flower 2.1's: words, quotes, qualifiers, AND, OR, parentheses. Pure. */
import { SEARCH_LIMIT } from '#lib/contract/tasks.ts';
import { SearchError, type Token, tokenize } from './tokens.ts';

/** What a word may be looked for in: `any` = everything that is searched, the task's id too. */
export const SEARCH_FIELDS = ['name', 'state', 'worker', 'args', 'kwargs', 'result'] as const;
export type SearchField = (typeof SEARCH_FIELDS)[number] | 'any';

/**
 * A search. A term matches where its text stands anywhere in the field, whatever the case; with `exact` the field is the
 * whole text (`state:failure`), or has this one pair (`kwargs:priority=high`). An `and` of nothing matches every task.
 */
export type SearchNode = SearchGroup | SearchTerm;
export type SearchGroup = { op: 'and' | 'or'; nodes: readonly SearchNode[] };
export type SearchTerm = { op: 'term'; field: SearchField; text: string; exact?: true };

/** By the trigrams of an index: fewer characters would read every task. */
const SHORTEST_TERM = 3;
const DEPTH_LIMIT = 5;

/** The search that a text says; positions in errors count from its beginning. @throws SearchError */
export function parseSearch(text: string): SearchNode {
  if (text.trim().length > SEARCH_LIMIT) throw new SearchError(`Query exceeds ${SEARCH_LIMIT} characters`);
  const cursor = { tokens: tokenize(text), next: 0 };
  if (peek(cursor).kind === 'end') return { op: 'and', nodes: [] };
  const node = parseOr(cursor, 0);
  const rest = peek(cursor);
  if (rest.kind !== 'end') throw new SearchError(`Unexpected '${rest.text}'`, rest.position);
  return node;
}

type Cursor = { readonly tokens: readonly Token[]; next: number };

function peek(cursor: Cursor): Token {
  return cursor.tokens[cursor.next] ?? { kind: 'end', text: '', position: 0 };
}

function take(cursor: Cursor): Token {
  const token = peek(cursor);
  cursor.next++;
  return token;
}

function parseOr(cursor: Cursor, depth: number): SearchNode {
  const nodes = [parseAnd(cursor, depth)];
  while (peek(cursor).kind === 'or') {
    takeOperator(cursor, 'OR');
    nodes.push(parseAnd(cursor, depth));
  }
  return joined('or', nodes);
}

function parseAnd(cursor: Cursor, depth: number): SearchNode {
  const nodes = [parseOne(cursor, depth)];
  for (let token = peek(cursor); !['end', 'close', 'or'].includes(token.kind); token = peek(cursor)) {
    if (token.kind === 'and') takeOperator(cursor, 'AND');
    nodes.push(parseOne(cursor, depth));
  }
  return joined('and', nodes);
}

function takeOperator(cursor: Cursor, word: string): void {
  const { position } = take(cursor);
  const next = peek(cursor).kind;
  if (next !== 'term' && next !== 'open') throw new SearchError(`${word} must be followed by a search term`, position);
}

function parseOne(cursor: Cursor, depth: number): SearchNode {
  const token = take(cursor);
  if (token.kind === 'term') return termOf(token);
  if (token.kind !== 'open') throw new SearchError('Expected a search term', token.position);
  if (depth >= DEPTH_LIMIT) throw new SearchError(`Query nesting exceeds ${DEPTH_LIMIT} levels`, token.position);
  if (peek(cursor).kind === 'close') throw new SearchError('Empty group', token.position);
  const node = parseOr(cursor, depth + 1);
  if (take(cursor).kind !== 'close') throw new SearchError('Missing closing parenthesis', token.position);
  return node;
}

/** Groups of the same kind become one, what is said twice counts once, a group of one is that one. */
function joined(op: 'and' | 'or', nodes: readonly SearchNode[]): SearchNode {
  const flat = nodes.flatMap((node) => (node.op === op ? node.nodes : [node]));
  const distinct = [...new Map(flat.map((node) => [JSON.stringify(node), node])).values()];
  const [only] = distinct;
  return distinct.length === 1 && only !== undefined ? only : { op, nodes: distinct };
}

function termOf({ text, position }: Token): SearchTerm {
  const colon = text.indexOf(':');
  const word = text.slice(0, Math.max(0, colon)).toLowerCase();
  const field = SEARCH_FIELDS.find((one) => one === word) ?? 'any';
  const value = field === 'any' ? text : text.slice(colon + 1);
  if (field === 'any' && value.startsWith('-')) throw new SearchError("Negation with '-' is not supported", position);
  if (value === '') throw new SearchError('Search qualifier requires a value', position);
  if (field === 'state' || (field === 'kwargs' && value.includes('='))) {
    return { op: 'term', field, text: value, exact: true };
  }
  if ([...value.trim()].length < SHORTEST_TERM) {
    throw new SearchError(`Substring search terms must contain at least ${SHORTEST_TERM} characters`, position);
  }
  return { op: 'term', field, text: value };
}
