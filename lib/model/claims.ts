/** Claims: what each observer says of one fact, and what follows when they are put side by side. */
import { isCurrent } from './freshness.ts';
import type { Readings } from './reading.ts';

/** One observer's opinion; `by` is the key of the reading that said it. */
export type Claim<T> = { by: string; value: T };

export const AGREEMENTS = ['all', 'majority', 'split', 'single', 'none'] as const;
export type Agreement = (typeof AGREEMENTS)[number];

export type Settled<T> = {
  /** What the current observers hold true; null when they are split or when none can speak for the present. */
  value: T | null;
  agreement: Agreement;
  /** Observers that speak for the present. */
  current: readonly Claim<T>[];
  /** What was said last by observers that no longer answer. */
  lapsed: readonly Claim<T>[];
};

/** Puts claims side by side. Only observers whose newest probe answered, and is not stale, have a vote. */
export function settle<T extends string | number | boolean>(
  claims: readonly Claim<T>[],
  readings: Readings,
  now: number,
): Settled<T> {
  const current = claims.filter((claim) => isCurrent(readings[claim.by], now));
  const lapsed = claims.filter((claim) => !current.includes(claim));
  const votes = new Map<T, number>();
  for (const claim of current) votes.set(claim.value, (votes.get(claim.value) ?? 0) + 1);
  const winner = [...votes].find(([, count]) => count * 2 > current.length);
  return { value: winner?.[0] ?? null, agreement: agreementOf(current.length, winner?.[1] ?? 0), current, lapsed };
}

function agreementOf(voters: number, forWinner: number): Agreement {
  if (voters === 0) return 'none';
  if (voters === 1) return 'single';
  if (forWinner === voters) return 'all';
  return forWinner > 0 ? 'majority' : 'split';
}
