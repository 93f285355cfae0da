/** Values printed as Python prints them (`repr`), so that they read like those in Celery's events. Pure. */
import { objectOf } from './values.ts';

const DEPTH_LIMIT = 16;

/** The value, printed until it is about `limit` characters long: then `…` ends it. Never throws. */
export function reprOf(value: unknown, limit: number): string {
  const out = { text: '', limit };
  print(out, value, 0);
  return out.text.length > limit ? `${out.text.slice(0, limit - 1).toWellFormed()}…` : out.text;
}

/** A list printed as the tuple that it was: `(1,)`. */
export function tupleOf(values: readonly unknown[], limit: number): string {
  const out = { text: '(', limit };
  printRow(out, values, 0);
  out.text += values.length === 1 ? ',)' : ')';
  return out.text.length > limit ? `${out.text.slice(0, limit - 1).toWellFormed()}…` : out.text;
}

type Out = { text: string; readonly limit: number };

function print(out: Out, value: unknown, depth: number): void {
  const entries = objectOf(value);
  if (out.text.length > out.limit) return;
  if (typeof value === 'string') out.text += quoted(value.slice(0, out.limit));
  else if (typeof value === 'boolean') out.text += value ? 'True' : 'False';
  else if (depth >= DEPTH_LIMIT) out.text += '…';
  else if (Array.isArray(value)) {
    out.text += '[';
    printRow(out, value, depth + 1);
    out.text += ']';
  } else if (entries !== null) printPairs(out, entries, depth + 1);
  else out.text += value === null || value === undefined ? 'None' : String(value);
}

function printRow(out: Out, values: readonly unknown[], depth: number): void {
  for (const [i, value] of values.entries()) {
    if (out.text.length > out.limit) return;
    if (i > 0) out.text += ', ';
    print(out, value, depth);
  }
}

function printPairs(out: Out, entries: Readonly<Record<string, unknown>>, depth: number): void {
  let isFirst = true;
  out.text += '{';
  for (const [key, value] of Object.entries(entries)) {
    if (out.text.length > out.limit) return;
    out.text += `${isFirst ? '' : ', '}${quoted(key)}: `;
    isFirst = false;
    print(out, value, depth);
  }
  out.text += '}';
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

/** Single quotes, unless only they stand in it. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what Python escapes
  const escaped = text.replace(/[\\\x00-\x1f\x7f']/g, (char) => {
    if (char === "'") return quote === "'" ? "\\'" : char;
    return ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `${quote}${escaped}${quote}`;
}
