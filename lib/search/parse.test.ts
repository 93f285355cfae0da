import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSearch, type SearchField, type SearchNode } from './parse.ts';
import { SearchError } from './tokens.ts';

const term = (text: string, field: SearchField = 'any'): SearchNode => ({ op: 'term', field, text });
const exact = (field: SearchField, text: string): SearchNode => ({ op: 'term', field, text, exact: true });
const and = (...nodes: SearchNode[]): SearchNode => ({ op: 'and', nodes });
const or = (...nodes: SearchNode[]): SearchNode => ({ op: 'or', nodes });

function failure(text: string): SearchError {
  try {
    parseSearch(text);
  } catch (error) {
    if (error instanceof SearchError) return error;
    throw error;
  }
  throw new Error(`taken: ${text}`);
}

describe('a search', () => {
  test.each<[string, SearchNode]>([
    ['', and()],
    ['  ', and()],
    ['first', term('first')],
    ['first second', and(term('first'), term('second'))],
    ['first AND second', and(term('first'), term('second'))],
    ['first OR second third', or(term('first'), and(term('second'), term('third')))],
    ['(first OR second) third', and(or(term('first'), term('second')), term('third'))],
    ['first(second)', and(term('first'), term('second'))],
    ['first (first second)', and(term('first'), term('second'))],
    ['first OR (second OR first)', or(term('first'), term('second'))],
    ['(((((first)))))', term('first')],
  ])('%s', (text, node) => {
    expect(parseSearch(text)).toEqual(node);
  });

  test.each<[string, SearchNode]>([
    ['args:"hello world"', term('hello world', 'args')],
    ['"hello world"', term('hello world')],
    ['"AND"', term('AND')],
    ['"NOT"', term('NOT')],
    ['"(first)"', term('(first)')],
    ['kwargs:label="some value"', exact('kwargs', 'label=some value')],
    ['say\\"hi\\"', term('say"hi"')],
    ['c:\\\\temp', term('c:\\temp')],
    ['c:\\temp', term('c:\\temp')],
  ])('quotes and backslashes: %s', (text, node) => {
    expect(parseSearch(text)).toEqual(node);
  });

  test.each<[string, SearchNode]>([
    ['NAME:tasks.fetch', term('tasks.fetch', 'name')],
    ['Worker:celery@h1', term('celery@h1', 'worker')],
    ['state:STARTED', exact('state', 'STARTED')],
    ['state:x', exact('state', 'x')],
    ['stateSTARTED', term('stateSTARTED')],
    ['kwargs:a=1', exact('kwargs', 'a=1')],
    ['kwargs:priority', term('priority', 'kwargs')],
    ['result:timeout', term('timeout', 'result')],
    ['http://host', term('http://host')],
    ['args:-12', term('-12', 'args')],
    ['name:a:b', term('a:b', 'name')],
    ['first "second third" state:RETRY', and(term('first'), term('second third'), exact('state', 'RETRY'))],
  ])('qualifiers in any case: %s', (text, node) => {
    expect(parseSearch(text)).toEqual(node);
  });
});

describe('what is no search says why and where', () => {
  test.each([
    ['ab', 0, 'Substring search terms must contain at least 3 characters at position 0.'],
    ['first ab', 6, 'Substring search terms must contain at least 3 characters at position 6.'],
    ['name:ab', 0, 'Substring search terms must contain at least 3 characters at position 0.'],
    ['"a  "', 0, 'Substring search terms must contain at least 3 characters at position 0.'],
    ['💥💥', 0, 'Substring search terms must contain at least 3 characters at position 0.'],
    ['name:', 0, 'Search qualifier requires a value at position 0.'],
    ['first OR', 6, 'OR must be followed by a search term at position 6.'],
    ['first AND', 6, 'AND must be followed by a search term at position 6.'],
    ['first AND OR second', 6, 'AND must be followed by a search term at position 6.'],
    ['(first OR ) second', 7, 'OR must be followed by a search term at position 7.'],
    ['OR first', 0, 'Expected a search term at position 0.'],
    [')', 0, 'Expected a search term at position 0.'],
    ['NOT first', 0, 'NOT is not supported at position 0.'],
    ['-first', 0, "Negation with '-' is not supported at position 0."],
    ['()', 0, 'Empty group at position 0.'],
    ['first (second', 6, 'Missing closing parenthesis at position 6.'],
    ['first)', 5, "Unexpected ')' at position 5."],
    ['first "second', 6, 'Unterminated quoted phrase at position 6.'],
    ['first ""', 6, 'Empty search term at position 6.'],
    [`${'('.repeat(6)}first${')'.repeat(6)}`, 5, 'Query nesting exceeds 5 levels at position 5.'],
    ['a'.repeat(2_049), null, 'Query exceeds 2048 characters.'],
    ['(first) '.repeat(43), null, 'Query exceeds 128 tokens.'],
  ])('%s', (text, position, message) => {
    const error = failure(text);
    expect({ code: error.code, position: error.position, message: error.message }).toEqual({
      code: 'SEARCH_INVALID',
      position,
      message,
    });
  });
});

test('any text is a search or a SearchError whose position lies in it', () => {
  const word = fc.constantFrom(
    'first',
    'ab',
    'AND',
    'OR',
    'NOT',
    '(',
    ')',
    '"',
    '\\',
    'name:',
    'state:',
    '-',
    ' ',
    '💥',
  );
  const text = fc.oneof(
    fc.array(word, { maxLength: 20 }).map((words) => words.join('')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(text, (query) => {
      try {
        expect(['and', 'or', 'term']).toContain(parseSearch(query).op);
      } catch (error) {
        if (!(error instanceof SearchError)) throw error;
        expect(error.position ?? 0).toBeGreaterThanOrEqual(0);
        expect(error.position ?? 0).toBeLessThanOrEqual(query.length);
      }
    }),
    { seed: 61_933, numRuns: 2_000 },
  );
});
