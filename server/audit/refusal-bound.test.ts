import { expect, test } from 'vitest';
import { createRefusalBound } from './refusal-bound.ts';

test('a flood is noted a bounded number of times, and what went unnoted is counted', () => {
  const bound = createRefusalBound();
  const noted = Array.from({ length: 1_000 }, () => bound.take(0)).filter((one) => one !== null);
  expect(noted).toHaveLength(30);
  expect(bound.take(10_000)).toBe(970);
  expect(bound.take(10_000)).toBeNull();
});

test('after a quiet time a burst is noted again, and no more than a burst', () => {
  const bound = createRefusalBound();
  for (let i = 0; i < 100; i++) bound.take(0);
  const noted = Array.from({ length: 100 }, () => bound.take(3_600_000)).filter((one) => one !== null);
  expect(noted).toHaveLength(30);
});

test('a clock that goes back neither opens nor closes it', () => {
  const bound = createRefusalBound();
  for (let i = 0; i < 30; i++) bound.take(1_000_000);
  expect(bound.take(0)).toBeNull();
  expect(bound.take(10_000)).toBe(1);
});
