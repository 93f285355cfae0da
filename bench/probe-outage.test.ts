import { describe, expect, it } from 'vitest';
import { isBack, lostOf, outageMs } from './probe-outage.ts';

const every = (fromMs: number, toMs: number) =>
  Array.from({ length: (toMs - fromMs) / 50 + 1 }, (_, n) => fromMs + n * 50);

describe('an outage', () => {
  it('is the longest gap between successes, without the normal spacing', () => {
    expect(outageMs([...every(0, 1_000), ...every(4_200, 6_000), ...every(6_500, 9_000)], 1_000, 9_000)).toBe(3_150);
    expect(outageMs(every(0, 9_000), 1_000, 9_000)).toBe(0);
  });

  it('begins with the last success before the fault', () => {
    expect(outageMs([0, 950, ...every(3_000, 5_000)], 1_000, 5_000)).toBe(2_000);
  });

  it('does not count what was out before the fault', () => {
    expect(outageMs([0, ...every(5_000, 9_000)], 5_000, 9_000)).toBe(0);
  });

  it('has no length while it lasts, and where nothing ever worked', () => {
    expect(outageMs(every(0, 1_000), 1_000, 70_000)).toBeNull();
    expect(outageMs([...every(0, 1_000), ...every(2_000, 3_000)], 1_000, 70_000)).toBeNull();
    expect(outageMs(every(2_000, 5_000), 1_000, 5_000)).toBeNull();
    expect(outageMs([], 0, 1_000)).toBeNull();
  });
});

it('a thing is back when it worked within the last second', () => {
  expect(isBack([0, 1_000], 2_000)).toBe(true);
  expect(isBack([0, 1_000], 2_001)).toBe(false);
  expect(isBack([], 0)).toBe(false);
});

it('lost is what was confirmed and never consumed; what came out unconfirmed is no loss', () => {
  expect(lostOf(new Set([1, 2, 3]), new Set([2, 3, 4]))).toBe(1);
  expect(lostOf(new Set([1]), new Set([1, 2]))).toBe(0);
});
