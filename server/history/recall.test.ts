import { describe, expect, test } from 'vitest';
import type { Transition } from '#lib/model/transition.ts';
import type { Fact } from '#server/model/facts.ts';
import { type KnownFacts, stepTransitions } from '#server/model/transitions.ts';
import { heldUntil, remember, SETTLED_MS, stepRecall } from './recall.ts';

const fact = (value: string | null, by = ['redis/s1/masters']): Fact => ({
  ...{ code: 'RedisMaster', subject: { kind: 'redisServices', id: 'results' }, value, by },
});

/** What is noticed when the fact `was` until 500, and after the start has these values at these times. */
function noticed(was: string, ...moments: [now: number, value: string | null][]) {
  let known: KnownFacts = new Map();
  let memory = remember([{ fact: fact(was), until: 500 }]);
  return moments.flatMap(([now, value]) => {
    const step = stepTransitions(known, [fact(value)], now);
    const recalled = stepRecall(memory, [fact(value)], step.transitions, now);
    known = step.known;
    memory = recalled.memory;
    return [...recalled.transitions, ...step.transitions].map(short);
  });
}

function short({ at, from, to, between }: Omit<Transition, 'id'>) {
  return { at, from, to, ...(between === undefined ? {} : { between }) };
}

describe('after a restart', () => {
  test('a change that nobody watched is one transition, between the last and the first sight', () => {
    expect(noticed('a', [1_000, 'b'], [1_000 + SETTLED_MS, 'b'], [9_000, 'b'])).toEqual([
      { at: 1_000 + SETTLED_MS, from: 'a', to: 'b', between: { from: 500, to: 1_000 } },
    ]);
  });

  test('what did not change makes no transition, now or later', () => {
    expect(noticed('a', [1_000, 'a'], [5_000, 'a'], [6_000, 'b'])).toEqual([{ at: 6_000, from: 'a', to: 'b' }]);
  });

  test('a fact that cannot be told yet waits until it can', () => {
    expect(noticed('a', [1_000, null], [60_000, 'b'], [64_000, 'b'])).toEqual([
      { at: 64_000, from: 'a', to: 'b', between: { from: 500, to: 60_000 } },
    ]);
  });

  test('a first look that is corrected at once is no change', () => {
    const all = noticed('a', [1_000, 'x'], [1_100, 'a'], [9_000, 'a']);
    expect(all.filter(({ between }) => between !== undefined)).toEqual([]);
  });

  test('a change soon after the start is told once, after the one that nobody watched', () => {
    expect(noticed('a', [1_000, 'a'], [1_500, 'b'], [9_000, 'b'])).toEqual([{ at: 1_500, from: 'a', to: 'b' }]);
    expect(noticed('a', [1_000, 'b'], [1_500, 'c'], [9_000, 'c'])).toEqual([
      { at: 1_500, from: 'a', to: 'b', between: { from: 500, to: 1_000 } },
      { at: 1_500, from: 'b', to: 'c' },
    ]);
  });
});

describe('a fact is sure to have held', () => {
  const lasting = [
    { what: 'redis/s1', from: 100 },
    { what: 'redis/s2', from: 300 },
  ];

  test('until Trellis was last alive, while anyone still saw it', () => {
    expect(heldUntil(fact('a', ['redis/s1/masters', 'redis/s3/masters']), 500, lasting)).toBe(500);
    expect(heldUntil(fact('a', ['redis/s11/masters']), 500, lasting)).toBe(500);
  });

  test('only until its last observer fell silent, where that was before', () => {
    expect(heldUntil(fact('a', ['redis/s1/masters', 'redis/s2/masters']), 500, lasting)).toBe(300);
  });
});
