import { expect, test } from 'vitest';
import type { ThroughputSecond } from '#lib/contract/tasks.ts';
import { currentThroughput, newestPoint, throughputPoints } from './throughput-points.ts';

function second(i: number, more: Partial<ThroughputSecond> = {}): ThroughputSecond {
  return {
    ...{ at: i * 1_000, sent: 0, received: 10, started: 10, succeeded: 8, failed: 1, retried: 1, revoked: 0 },
    ...{ runtimeP50: 20, runtimeP95: 90, waitP50: 5, waitP95: 50, names: {}, queues: {}, workers: {}, ...more },
  };
}

function seconds(from: number, to: number, more?: Partial<ThroughputSecond>): ThroughputSecond[] {
  return Array.from({ length: to - from }, (_, i) => second(from + i, more));
}

test('an hour of seconds is 120 points of tasks a second, the newest last', () => {
  const { at, rates, durations, gaps } = throughputPoints(seconds(1_000, 4_600));
  expect(at).toHaveLength(120);
  expect([at[0], at.at(-1)]).toEqual([4_000_000, 4_595_000]);
  expect(rates.succeeded).toEqual(at.map(() => 8));
  expect(durations.runtimeP95).toEqual(at.map(() => 90));
  expect(gaps).toEqual([]);
});

test('a point is drawn once it is complete, and never changes after that', () => {
  const early = throughputPoints(seconds(2, 19));
  const later = throughputPoints(seconds(2, 24));
  expect(early.at).toEqual([5_000, 10_000]);
  expect(later.at).toEqual([5_000, 10_000, 15_000]);
  expect(later.rates.failed.slice(0, 2)).toEqual(early.rates.failed);
  expect([newestPoint(seconds(2, 19)), newestPoint(seconds(2, 20)), newestPoint([])]).toEqual([10_000, 15_000, null]);
});

test('where the intake was blind there is a gap, never a zero', () => {
  const { at, rates, durations, gaps } = throughputPoints([...seconds(0, 11), ...seconds(23, 40)]);
  expect(at).toHaveLength(8);
  expect(rates.received).toEqual([10, 10, null, null, null, 10, 10, 10]);
  expect(durations.waitP50).toEqual([5, 5, null, null, null, 5, 5, 5]);
  expect(gaps).toEqual([{ from: 10_000, to: 25_000 }]);
});

test('seconds in which no task ended are zero, without a runtime', () => {
  const quiet = { received: 0, started: 0, succeeded: 0, failed: 0, runtimeP50: null, runtimeP95: null };
  const { rates, durations } = throughputPoints(seconds(0, 10, quiet));
  expect(rates.succeeded).toEqual([0, 0]);
  expect(durations.runtimeP50).toEqual([null, null]);
});

test('a second with many tasks weighs more in a duration than one with few', () => {
  const busy = { succeeded: 98, failed: 1, runtimeP50: 10, started: 3, waitP50: 1 };
  const idle = { succeeded: 1, failed: 0, runtimeP50: 1_010, started: 1, waitP50: 5 };
  const now = currentThroughput([second(0, busy), second(1, idle)]);
  expect(now.runtimeP50).toBeCloseTo(20);
  expect(now.waitP50).toBeCloseTo(2);
});

test('the current figures are those of the last five seconds', () => {
  const now = currentThroughput([...seconds(0, 5, { succeeded: 100 }), ...seconds(5, 10)]);
  expect(now).toMatchObject({ succeeded: 8, failed: 1, received: 10, runtimeP50: 20 });
  expect(currentThroughput([])).toMatchObject({ succeeded: null, runtimeP50: null });
});

test('nothing seen is nothing drawn', () => {
  expect(throughputPoints([])).toMatchObject({ at: [], gaps: [] });
  expect(throughputPoints(seconds(1, 4))).toMatchObject({ at: [], gaps: [] });
});
