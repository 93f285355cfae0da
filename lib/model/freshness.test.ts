import { expect, test } from 'vitest';
import { freshnessOf, isCurrent } from './freshness.ts';
import type { Reading } from './reading.ts';

const reading: Reading = {
  ...{ key: 'k', source: 'redis', endpoint: 'e', name: 'n', intervalMs: 1_000 },
  ...{ at: 100_000, tookMs: 1, via: null, lacks: null, failure: null },
};

test('a value is fresh up to max(3 intervals, 5 s), stale after that and unknown after 30 s', () => {
  expect(freshnessOf(reading, 105_000)).toBe('fresh');
  expect(freshnessOf(reading, 105_001)).toBe('stale');
  expect(freshnessOf({ ...reading, intervalMs: 5_000 }, 115_000)).toBe('fresh');
  expect(freshnessOf({ ...reading, intervalMs: 5_000 }, 115_001)).toBe('stale');
  expect(freshnessOf(reading, 130_001)).toBe('unknown');
});

test('a reading that was never answered is unknown', () => {
  expect(freshnessOf({ at: null, intervalMs: 1_000 }, 5)).toBe('unknown');
});

test('a slow reading does not become unknown before it is stale', () => {
  expect(freshnessOf({ at: 0, intervalMs: 60_000 }, 170_000)).toBe('fresh');
});

test('an observer whose newest probe failed does not speak for the present, however young its last answer is', () => {
  expect(isCurrent(reading, 100_001)).toBe(true);
  const failure = { code: 'refused', message: '', since: 100_500, at: 100_500 } as const;
  expect(isCurrent({ ...reading, failure }, 100_501)).toBe(false);
  expect(isCurrent(undefined, 0)).toBe(false);
});
