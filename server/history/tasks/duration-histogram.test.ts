import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addEncoded,
  addTo,
  bucketOf,
  encodeHistogram,
  type Histogram,
  quantileOf,
} from '#server/history/tasks/duration-histogram.ts';

const durations = fc.array(fc.double({ min: 0.2, max: 1e8, noNaN: true }), { minLength: 1, maxLength: 200 });

function histogramOf(all: readonly number[]): Histogram {
  const histogram: Histogram = new Map();
  for (const one of all) addTo(histogram, bucketOf(one), 1);
  return histogram;
}

test('a quantile is within a tenth of the true one', () => {
  fc.assert(
    fc.property(durations, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
      const sorted = all.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(all.length * share)) - 1] as number;
      expect(Math.abs((quantileOf(histogramOf(all), share) as number) / exact - 1)).toBeLessThan(0.11);
    }),
    { seed: 21, numRuns: 300 },
  );
});

test('what is stored and added again is the same, and what is taken away leaves nothing', () => {
  fc.assert(
    fc.property(durations, durations, (a, b) => {
      const both = addEncoded(histogramOf(a), encodeHistogram(histogramOf(b)));
      expect(both).toEqual(histogramOf([...a, ...b]));
      for (const one of b) addTo(both, bucketOf(one), -1);
      expect(both).toEqual(histogramOf(a));
    }),
    { seed: 22, numRuns: 100 },
  );
});

test('of nothing there is no quantile', () => {
  expect(quantileOf(addEncoded(new Map(), '[]'), 0.5)).toBeNull();
});
