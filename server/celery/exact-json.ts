/**
 * JSON whose numbers stay as they are written: `1.0` is a float to Python and `1` is none, and a number of twenty digits is no
 * number of JavaScript's. What JavaScript would write otherwise is kept as its text. Pure.
 */
import { reprOf } from './repr.ts';
import { objectOf } from './values.ts';

/** As much of `JSON` as TypeScript does not know yet. */
type ExactJson = {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): object;
  isRawJSON(value: unknown): value is { rawJSON: string };
};

function exactJson(): ExactJson {
  return JSON as unknown as ExactJson;
}

/** A number that `JSON.stringify` writes exactly as this text has it, which must be a number of JSON. */
export function exactNumber(text: string): unknown {
  const value = Number(text);
  return String(value) === text ? value : exactJson().rawJSON(text);
}

/** The value. @throws SyntaxError when it is no JSON; Python's `NaN` and `Infinity` are none */
export function parseExact(text: string): unknown {
  return exactJson().parse(text, (_, value, { source }) =>
    typeof value === 'number' && source !== undefined ? exactNumber(source) : value,
  );
}

/** An exact value printed as Python prints it, whole. */
export function printExact(value: unknown): string {
  const json = exactJson();
  if (json.isRawJSON(value)) return value.rawJSON;
  if (Array.isArray(value)) return `[${value.map(printExact).join(', ')}]`;
  const entries = objectOf(value);
  if (entries === null) return reprOf(value, Number.POSITIVE_INFINITY);
  const pairs = Object.entries(entries).map(([key, one]) => `${printExact(key)}: ${printExact(one)}`);
  return `{${pairs.join(', ')}}`;
}

/** Exact values printed as the tuple of arguments that they are: `(1.0,)`. */
export function printExactTuple(values: readonly unknown[]): string {
  return `(${values.map(printExact).join(', ')}${values.length === 1 ? ',' : ''})`;
}
