/**
 * Reads back arguments as Celery prints them in its events. It prints texts in single quotes and escapes only these: a
 * backslash may be one, or begin what another printer wrote. Whatever could be read in two ways is refused. Pure.
 */
import { exactNumber } from './exact-json.ts';
import { MASK } from './mask.ts';

/** The value as JSON says it (tuples are lists), or why it cannot be read back. */
export type LiteralRead = { value: unknown } | { problem: string };

const DEPTH_LIMIT = 32;
const CUT = /…|\.\.\./;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?/y;
const WORD = /[A-Za-z_]\w*/y;
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['None', null],
  ['True', true],
  ['False', false],
]);

/** Reads one literal: numbers, texts, None, True, False, lists, tuples, and dictionaries with texts as keys. Never throws. */
export function readLiteral(text: string): LiteralRead {
  if (CUT.test(text)) return { problem: 'they were cut' };
  if (text.includes(MASK)) return { problem: 'secrets in them were masked' };
  const place: Place = { text, at: 0 };
  try {
    const value = valueAt(place, 0);
    skipSpace(place);
    if (place.at < text.length) throw new Unreadable(place, 'something follows');
    return { value };
  } catch (error) {
    if (error instanceof Unreadable) return { problem: error.message };
    throw error;
  }
}

type Place = { readonly text: string; at: number };

class Unreadable extends Error {
  constructor({ at }: Place, what: string) {
    super(`${what} at character ${at + 1}`);
  }
}

function valueAt(place: Place, depth: number): unknown {
  if (depth > DEPTH_LIMIT) throw new Unreadable(place, 'too deep a nest');
  skipSpace(place);
  const char = place.text[place.at];
  if (char === "'" || char === '"') return textAt(place, char);
  if (char === '(') return tupleAt(place, depth);
  if (char === '[') return rowAt(place, ']', depth).values;
  if (char === '{') return dictionaryAt(place, depth);
  const number = matched(place, NUMBER);
  // `1_000` or `1x` are no numbers that Python prints.
  if (number !== null && !/[\w.]/.test(place.text[place.at] ?? '')) return exactNumber(number);
  const word = number === null ? matched(place, WORD) : null;
  const constant = word === null ? undefined : WORDS.get(word);
  if (constant === undefined) throw new Unreadable(place, 'no plain value');
  return constant;
}

function tupleAt(place: Place, depth: number): unknown {
  const { values, commaAtEnd } = rowAt(place, ')', depth);
  // `(1)` is no tuple, and only that of one ends in a comma: all else is a text with quotes in it.
  if (commaAtEnd !== (values.length === 1)) throw new Unreadable(place, 'no tuple');
  return values;
}

function rowAt(place: Place, close: string, depth: number): { values: unknown[]; commaAtEnd: boolean } {
  const values: unknown[] = [];
  let commaAtEnd = false;
  place.at += 1;
  while (!took(place, close)) {
    if (values.length > 0 && !commaAtEnd) throw new Unreadable(place, 'no comma');
    values.push(valueAt(place, depth + 1));
    commaAtEnd = took(place, ',');
  }
  if (close === ']' && commaAtEnd) throw new Unreadable(place, 'no list');
  return { values, commaAtEnd };
}

function dictionaryAt(place: Place, depth: number): unknown {
  const entries = new Map<string, unknown>();
  let more = false;
  place.at += 1;
  while (!took(place, '}') || more) {
    if (entries.size > 0 && !more) throw new Unreadable(place, 'no comma');
    const key = valueAt(place, depth + 1);
    if (typeof key !== 'string' || entries.has(key)) throw new Unreadable(place, 'no key of a text');
    if (!took(place, ':')) throw new Unreadable(place, 'no colon');
    entries.set(key, valueAt(place, depth + 1));
    more = took(place, ',');
  }
  return Object.fromEntries(entries);
}

function textAt(place: Place, quote: string): string {
  let value = '';
  for (place.at += 1; ; place.at += 1) {
    const char = place.text[place.at];
    if (char === undefined) throw new Unreadable(place, 'a text without an end');
    if (char === quote) break;
    if (char === '\\') {
      place.at += 1;
      if (place.text[place.at] !== "'" || quote !== "'")
        throw new Unreadable(place, 'a backslash that may mean two things');
      value += "'";
    } else value += char;
  }
  place.at += 1;
  return value;
}

function took(place: Place, char: string): boolean {
  skipSpace(place);
  if (place.text[place.at] !== char) return false;
  place.at += 1;
  return true;
}

function matched(place: Place, pattern: RegExp): string | null {
  pattern.lastIndex = place.at;
  const found = pattern.exec(place.text)?.[0] ?? null;
  if (found !== null) place.at += found.length;
  return found;
}

function skipSpace(place: Place): void {
  while (place.text[place.at] === ' ') place.at += 1;
}
