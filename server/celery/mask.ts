/**
 * Takes secrets out of what tasks print: values under names such as `password`, and the user info of URLs. Nothing of a task
 * is stored before. Works on text as it was printed (`repr`, JSON, `name=value`), cut anywhere, in one pass. Pure.
 */

import type { TaskChange, TaskFields } from '#server/ingest/merge.ts';
import { redact } from '#server/observability/redact.ts';

/** Names whose values are masked unless `tasks.mask` says others: each is looked for anywhere in a name, whatever the case. */
export const MASKED_NAMES: readonly string[] = [
  'password',
  'passwd',
  'secret',
  'token',
  'api[_-]?key',
  'authorization',
  'credit[_-]?card',
];

/** What stands where a value stood. */
export const MASK = '***';

export type Mask = {
  /** The text without secrets; the same text when it has none. Never throws. */
  text(text: string): string;
  /** The change without secrets; the same object when it has none. */
  change(change: TaskChange): TaskChange;
};

/** A mask for these names (regular expressions, joined into one). @throws SyntaxError for what is no expression */
export function createMask(names: readonly string[] = MASKED_NAMES): Mask {
  // `(?!)` is found nowhere.
  const pattern = names.length === 0 ? '(?!)' : names.map((name) => `(?:${name})`).join('|');
  const found = new RegExp(pattern, 'gi');
  const text = (value: string) => maskNamed(maskUrls(value), found);
  return {
    text,
    change(change) {
      const masked = maskFields(change.fields, text);
      return masked === change.fields ? change : { ...change, fields: masked };
    },
  };
}

const MASKED_FIELDS = ['args', 'kwargs', 'result', 'exception', 'traceback'] as const satisfies (keyof TaskFields)[];

function maskFields(fields: TaskFields, mask: (text: string) => string): TaskFields {
  let masked = fields;
  for (const field of MASKED_FIELDS) {
    const told = fields[field];
    if (told === undefined) continue;
    const text = mask(told);
    if (text === told) continue;
    if (masked === fields) masked = { ...fields };
    masked[field] = text;
  }
  return masked;
}

/** User info that was cut before its `@`. */
const CUT_USER_INFO = /([a-z][a-z0-9+.-]{0,30}:\/\/[^/\s'"@:]*:)[^/\s'"@]*(?:…|\.\.\.)$/i;
/** `redis://host:6379` has a colon too: what follows it is a number. */
const PORT = /:\d{0,5}(?:…|\.\.\.)$/;

function maskUrls(text: string): string {
  if (!text.includes('://')) return text;
  const whole = redact(text);
  return PORT.test(whole) ? whole : whole.replace(CUT_USER_INFO, `$1${MASK}`);
}

/** From the end of what was found to the value: the rest of the name, its quote, and what joins them. */
const TO_VALUE = /[\w.-]{0,100}(\\*['"]|%22)?\]?\s{0,8}(?::|=>|={1,2}|%3[Dd]|%3[Aa])\s{0,8}/y;
/** The pair of a list of pairs: `('password', 'x')`. */
const TO_PAIRED_VALUE = /[\w.-]{0,100}\\*['"],\s{0,8}(?=[bBuUrR]{0,2}\\*['"])/y;
/** What begins a pair, before its name. */
const PAIR_START = /[([]\\*['"][\w.-]{0,100}$/;
/** So far back a pair may begin. */
const PAIR_LETTERS = 120;

function maskNamed(text: string, names: RegExp): string {
  names.lastIndex = 0;
  let out = '';
  let kept = 0;
  for (let match = names.exec(text); match !== null; match = names.exec(text)) {
    const end = match.index + match[0].length;
    const start = valueStart(text, match.index, end);
    if (start !== null) {
      const stop = valueEnd(text, start);
      if (!isNoSecret(text.slice(start, stop))) {
        out += `${text.slice(kept, start)}'${MASK}'`;
        kept = stop;
        names.lastIndex = stop;
        continue;
      }
    }
    // An expression may match nothing at all.
    if (match[0] === '') names.lastIndex = end + 1;
  }
  return kept === 0 ? text : out + text.slice(kept);
}

/** Where the value of a name begins; null = it is no name of a value. */
function valueStart(text: string, from: number, end: number): number | null {
  TO_VALUE.lastIndex = end;
  if (TO_VALUE.test(text)) return TO_VALUE.lastIndex;
  TO_PAIRED_VALUE.lastIndex = end;
  if (!TO_PAIRED_VALUE.test(text)) return null;
  return PAIR_START.test(text.slice(Math.max(0, from - PAIR_LETTERS), from)) ? TO_PAIRED_VALUE.lastIndex : null;
}

const NO_SECRETS: readonly string[] = [
  '',
  'None',
  'null',
  'True',
  'False',
  'true',
  'false',
  "''",
  '""',
  `'${MASK}'`,
  MASK,
];

function isNoSecret(value: string): boolean {
  return NO_SECRETS.includes(value);
}

const STRING_START = /[bBuUrRfF]{0,2}(\\*)(['"]{3}|['"])/y;
/** Words that announce a credential, and the credential. */
const SCHEME = /(?:basic|bearer|digest|token|apikey|negotiate)\s{1,8}/iy;
const BARE = /[^\s,;&'"()[\]{}<>\\]*/y;
const OPENING = '([{<';

/** Where a value ends that begins here: behind its closing quote or bracket, or with the text. */
function valueEnd(text: string, start: number): number {
  STRING_START.lastIndex = start;
  const string = STRING_START.exec(text);
  if (string !== null) return stringEnd(text, STRING_START.lastIndex, string[1]?.length ?? 0, string[2] ?? '');
  if (OPENING.includes(text[start] ?? ' ')) return bracketEnd(text, start);
  SCHEME.lastIndex = start;
  BARE.lastIndex = SCHEME.test(text) ? SCHEME.lastIndex : start;
  BARE.exec(text);
  const end = BARE.lastIndex;
  // `SecretStr('x')` is a value of which the name alone tells nothing.
  return end > start && OPENING.includes(text[end] ?? ' ') ? bracketEnd(text, end) : end;
}

/**
 * The end of a text that began behind `slashes` backslashes and this quote. Printed inside of another, every quote has more
 * backslashes, twice as many and one: fewer of the same kind end the outer text, and this one with it.
 */
function stringEnd(text: string, from: number, slashes: number, quote: string): number {
  let run = 0;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') {
      run++;
      continue;
    }
    if (char === quote[0] && text.startsWith(quote, at)) {
      if (run % (2 * (slashes + 1)) === slashes) return at + quote.length;
      if (run < slashes) return at - run;
    }
    run = 0;
  }
  return text.length;
}

/** The end of a bracket with all that it holds; brackets in texts do not count. */
function bracketEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; ) {
    const char = text[at] ?? '';
    STRING_START.lastIndex = at;
    const string = char === '\\' || char === "'" || char === '"' ? STRING_START.exec(text) : null;
    if (string !== null) {
      at = stringEnd(text, STRING_START.lastIndex, string[1]?.length ?? 0, string[2] ?? '');
      continue;
    }
    if (OPENING.includes(char)) depth++;
    else if (')]}>'.includes(char)) {
      depth--;
      if (depth === 0) return at + 1;
    }
    at++;
  }
  return text.length;
}
