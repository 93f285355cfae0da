import { expect, test } from 'vitest';
import { type Claim, settle } from './claims.ts';
import type { Reading, Readings } from './reading.ts';

const NOW = 100_000;

function readings(...ages: [string, number, boolean?][]): Readings {
  return Object.fromEntries(
    ages.map(([key, ageMs, failed = false]): [string, Reading] => {
      const failure = failed ? ({ code: 'timeout', message: '', since: NOW, at: NOW } as const) : null;
      const at = NOW - ageMs;
      return [
        key,
        {
          key,
          source: 'redis',
          endpoint: key,
          name: 'n',
          intervalMs: 1_000,
          at,
          tookMs: 1,
          via: null,
          lacks: null,
          failure,
        },
      ];
    }),
  );
}

const says = (by: string, value: string): Claim<string> => ({ by, value });

test('observers that all say the same agree', () => {
  const settled = settle([says('a', 'x'), says('b', 'x')], readings(['a', 0], ['b', 0]), NOW);
  expect(settled).toMatchObject({ value: 'x', agreement: 'all' });
});

test('two against one is a majority, one against one is a split without a value', () => {
  const seen = readings(['a', 0], ['b', 0], ['c', 0]);
  expect(settle([says('a', 'x'), says('b', 'x'), says('c', 'y')], seen, NOW)).toMatchObject({
    value: 'x',
    agreement: 'majority',
  });
  expect(settle([says('a', 'x'), says('b', 'y')], seen, NOW)).toMatchObject({ value: null, agreement: 'split' });
});

test('a single observer is named as such', () => {
  expect(settle([says('a', 'x')], readings(['a', 0]), NOW)).toMatchObject({ value: 'x', agreement: 'single' });
});

test('silent and stale observers have no vote', () => {
  const seen = readings(['dead', 100, true], ['old', 6_000], ['a', 0]);
  const settled = settle([says('dead', 'x'), says('old', 'x'), says('a', 'y')], seen, NOW);
  expect(settled).toMatchObject({ value: 'y', agreement: 'single' });
  expect(settled.lapsed.map((claim) => claim.by)).toEqual(['dead', 'old']);
});

test('with nobody left there is no value', () => {
  const seen = readings(['a', 9_000, true], ['b', 7_000, true]);
  const settled = settle([says('a', 'x'), says('b', 'y')], seen, NOW);
  expect(settled).toMatchObject({ value: null, agreement: 'none' });
});
