import { describe, expect, test } from 'vitest';
import type { BlindStretch } from '#lib/contract/timeline.ts';
import type { Reading, Readings } from '#lib/model/reading.ts';
import { type OpenStretches, stepBlind } from './blind.ts';

function reading(name: string, change: Partial<Reading> = {}): Reading {
  const base = {
    source: 'redis',
    endpoint: 's1',
    intervalMs: 1_000,
    at: 0,
    tookMs: 1,
    via: null,
    lacks: null,
    failure: null,
  };
  return { ...base, name, key: `redis/s1/${name}`, ...change } as Reading;
}

const refused = (since: number, at = since) => ({ code: 'refused', message: '', since, at }) as const;

function readings(...list: Reading[]): Readings {
  return Object.fromEntries(list.map((one) => [one.key, one]));
}

/** Runs through moments; gives what began or ended at each. */
function run(...moments: [now: number, readings: Readings][]): BlindStretch[][] {
  let open: OpenStretches = new Map();
  return moments.map(([now, at]) => {
    const step = stepBlind(open, at, now);
    open = step.open;
    return [...step.changed];
  });
}

describe('a blind stretch of an endpoint', () => {
  test('lasts from its first failed moment until it answers again', () => {
    const failing = readings(reading('masters', { at: 1_000, failure: refused(2_000, 4_000) }));
    const [before, begun, during, ended] = run(
      [1_500, readings(reading('masters', { at: 1_000 }))],
      [4_000, failing],
      [5_000, failing],
      [6_000, readings(reading('masters', { at: 6_000 }))],
    );
    const stretch = { id: 'redis/s1@2000', what: 'redis/s1', from: 2_000, to: null, code: 'refused' };
    expect([before, begun, during, ended]).toEqual([[], [stretch], [], [{ ...stretch, to: 6_000 }]]);
  });

  test('begins when the last answer became stale, where answers merely stop', () => {
    const silent = readings(reading('masters', { at: 1_000 }));
    expect(run([6_000, silent], [6_001, silent])).toEqual([
      [],
      [{ id: 'redis/s1@6000', what: 'redis/s1', from: 6_000, to: null, code: 'stale' }],
    ]);
  });

  test('begins with the first of several questions that fail at once', () => {
    const two = readings(reading('a', { failure: refused(4_000) }), reading('b', { failure: refused(3_000) }));
    expect(run([4_500, two])).toMatchObject([[{ from: 3_000 }]]);
  });

  test('begins when one of several questions loses its answer, and lasts until all have one again', () => {
    const one = readings(reading('a', { at: 9_000 }), reading('b', { at: 1_000, failure: refused(3_000) }));
    const other = readings(reading('a', { at: 1_000, failure: refused(9_500) }), reading('b', { at: 9_500 }));
    const none = readings(reading('a', { at: 9_900 }), reading('b', { at: 9_900 }));
    const [begun, , ended] = run([9_000, one], [9_500, other], [9_900, none]);
    expect(begun).toMatchObject([{ from: 3_000, to: null }]);
    expect(ended).toMatchObject([{ from: 3_000, to: 9_900 }]);
  });

  test('is seen where no question was ever answered', () => {
    const dead = readings(reading('a', { at: null, failure: refused(10) }), reading('b', { at: null }));
    expect(run([20, dead])).toMatchObject([[{ from: 10, code: 'refused' }]]);
  });

  test('is not made of a question that was never answered beside others that are', () => {
    const forbidden = { code: 'forbidden', message: '', since: 5, at: 5 } as const;
    expect(run([20, readings(reading('a'), reading('b', { at: null, failure: forbidden }))])).toEqual([[]]);
  });

  test('of one endpoint says nothing about another', () => {
    const other = reading('a', { endpoint: 's2', key: 'redis/s2/a', failure: refused(1) });
    expect(run([2, readings(reading('a'), other)])).toMatchObject([[{ what: 'redis/s2' }]]);
  });
});
