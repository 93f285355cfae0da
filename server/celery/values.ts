/** Single values of Celery's messages: each is what it should be, or null. Pure. */

/** A JSON object, or null. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}

/** A text without halves of characters, at most so long: what is cut ends in `…`. */
export function textOf(value: unknown, limit: number): string | null {
  if (typeof value !== 'string') return null;
  if (value.length <= limit) return value.isWellFormed() ? value : value.toWellFormed();
  const cut = value.slice(0, limit - 1);
  const half = /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
  return `${half.toWellFormed()}…`;
}

/** A whole number from 0 to `max`. */
export function countOf(value: unknown, max = Number.MAX_SAFE_INTEGER): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max ? (value as number) : null;
}

/** A finite number that is not negative. */
export function amountOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

/** The last time that a Date can say. */
const LAST_TIME_MS = 8.64e15;
const ISO_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/;

/** Epoch ms of epoch seconds. */
export function secondsOf(value: unknown): number | null {
  const seconds = amountOf(value);
  return seconds === null || seconds * 1_000 > LAST_TIME_MS ? null : seconds * 1_000;
}

/** Epoch ms of a time as Python's isoformat prints it; without an offset it is UTC, as Celery means it. */
export function isoTimeOf(value: unknown): number | null {
  const parts = typeof value === 'string' && value.length < 64 ? ISO_TIME.exec(value) : null;
  if (parts === null) return null;
  const ms = Date.parse(parts[3] === undefined ? `${parts[0]}Z` : parts[0]);
  return Number.isNaN(ms) || ms < 0 ? null : ms;
}
