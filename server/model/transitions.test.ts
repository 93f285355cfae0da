import { expect, test } from 'vitest';
import type { Fact } from './facts.ts';
import { type KnownFacts, stepTransitions } from './transitions.ts';

const fact = (value: string | null): Fact => ({
  code: 'RedisMaster',
  subject: { kind: 'redisServices', id: 'results' },
  value,
  by: ['s1'],
});

function steps(...values: (string | null)[]) {
  let known: KnownFacts = new Map();
  return values.flatMap((value, i) => {
    const step = stepTransitions(known, [fact(value)], i);
    known = step.known;
    return step.transitions.map(({ from, to, at }) => ({ from, to, at }));
  });
}

test('a changed fact is one transition, at the time it was seen', () => {
  expect(steps('a', 'a', 'b', 'b')).toEqual([{ from: 'a', to: 'b', at: 2 }]);
});

test('the first sight of a fact is no transition', () => {
  expect(steps('a')).toEqual([]);
});

test('a blind moment is not a change, and does not hide one', () => {
  expect(steps('a', null, 'a')).toEqual([]);
  expect(steps('a', null, null, 'b')).toEqual([{ from: 'a', to: 'b', at: 3 }]);
});
