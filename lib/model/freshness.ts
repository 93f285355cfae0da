/** How old is too old: the one rule by which a value loses its colour (never green when stale). */
import type { Reading } from './reading.ts';

export const FRESHNESS = ['fresh', 'stale', 'unknown'] as const;
export type Freshness = (typeof FRESHNESS)[number];

const STALE_INTERVALS = 3;
const STALE_FLOOR_MS = 5_000;
const UNKNOWN_AFTER_MS = 30_000;

/** The age (ms) from which a reading that is taken every `intervalMs` counts as stale. */
export function staleAfterMs(intervalMs: number): number {
  return Math.max(STALE_INTERVALS * intervalMs, STALE_FLOOR_MS);
}

/** Freshness of a value of the given age; null = there never was one. */
export function freshnessOf(reading: Pick<Reading, 'at' | 'intervalMs'>, now: number): Freshness {
  if (reading.at === null) return 'unknown';
  const ageMs = now - reading.at;
  const staleMs = staleAfterMs(reading.intervalMs);
  // A slow reading (say, every 60 s) must not be unknown before it could be stale.
  if (ageMs > Math.max(UNKNOWN_AFTER_MS, staleMs)) return 'unknown';
  return ageMs > staleMs ? 'stale' : 'fresh';
}

/** True when the observer can speak for the present: its newest probe answered, and not too long ago. */
export function isCurrent(reading: Reading | undefined, now: number): boolean {
  return reading !== undefined && reading.failure === null && freshnessOf(reading, now) === 'fresh';
}
