import { expect, test } from 'vitest';
import { addSample, NO_SAMPLES, SAMPLES_KEPT } from './samples.ts';

test('a series that appears late has gaps before it, and one that ends has gaps after it', () => {
  const one = addSample(NO_SAMPLES, 1, { a: 10 });
  const two = addSample(one, 2, { b: 20 });
  expect(two).toEqual({ at: [1, 2], series: { a: [10, null], b: [null, 20] } });
});

test('only the newest are kept, and a series that told nothing in all that time is gone', () => {
  let samples = addSample(NO_SAMPLES, 0, { old: 1 });
  for (let at = 1; at <= SAMPLES_KEPT; at++) samples = addSample(samples, at, { a: at });
  expect(samples.at).toHaveLength(SAMPLES_KEPT);
  expect(Object.keys(samples.series)).toEqual(['a']);
  expect(samples.series.a?.[0]).toBe(1);
});
