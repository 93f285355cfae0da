import { expect, test } from 'vitest';
import type { ThroughputSecond } from '#lib/contract/tasks.ts';
import {
  currentThroughput,
  gapsOf,
  newestPoint,
  ONE_HOUR,
  TEN_MINUTES,
  tellingLines,
  throughputPoints,
  wordPoints,
} from './throughput-points.ts';

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
  const { at, rates, durations } = throughputPoints(seconds(1_000, 4_600));
  expect(at).toHaveLength(120);
  expect([at[0], at.at(-1)]).toEqual([4_000_000, 4_595_000]);
  expect(rates.succeeded).toEqual(at.map(() => 8));
  expect(durations.runtimeP95).toEqual(at.map(() => 90));
  expect(gapsOf(at, rates.received, TEN_MINUTES.pointMs)).toEqual([]);
});

test('points of half a minute reach over the whole hour', () => {
  const { at, rates } = throughputPoints(seconds(1_000, 4_620), ONE_HOUR);
  expect([at.length, at[0], at.at(-1)]).toEqual([120, 1_020_000, 4_590_000]);
  expect(rates.received).toEqual(at.map(() => 10));
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
  const { at, rates, durations } = throughputPoints([...seconds(0, 11), ...seconds(23, 40)]);
  expect(at).toHaveLength(8);
  expect(rates.received).toEqual([10, 10, null, null, null, 10, 10, 10]);
  expect(durations.waitP50).toEqual([5, 5, null, null, null, 5, 5, 5]);
  expect(gapsOf(at, rates.received, TEN_MINUTES.pointMs)).toEqual([{ from: 10_000, to: 25_000 }]);
});

test('by name the largest have a line each, the largest first, and the others one together: no task is left out', () => {
  const names = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`task-${i}`, i + 1]));
  const busy = { succeeded: 36, failed: 0, revoked: 4, names };
  const lines = wordPoints([...seconds(0, 5, busy), ...seconds(5, 10, { ...busy, names: { 'task-0': 40 } })], 'name');
  expect(lines.map(({ of }) => of)).toEqual(['task-0', 'task-7', 'task-6', 'task-5', 'task-4', 'task-3', null]);
  expect(lines[0]?.values).toEqual([1, 40]);
  expect(lines[1]?.values).toEqual([8, 0]);
  expect([0, 1].map((i) => lines.reduce((sum, { values }) => sum + (values[i] ?? 0), 0))).toEqual([40, 40]);
});

test('queues and workers are told apart as names are; names that are as large are in the order of the alphabet', () => {
  const busy = { succeeded: 3, failed: 0, queues: { b: 1, a: 1 }, workers: { 'w1@h': 3 } };
  const all = seconds(0, 60, busy);
  expect(wordPoints(all, 'worker', ONE_HOUR)).toEqual([{ of: 'w1@h', values: [3, 3] }]);
  expect(wordPoints(all, 'queue', ONE_HOUR)).toEqual([
    { of: 'a', values: [1, 1] },
    { of: 'b', values: [1, 1] },
    { of: null, values: [1, 1] },
  ]);
});

test('by name a gap is a gap in every line', () => {
  const lines = wordPoints([...seconds(0, 5, { names: { a: 1 } }), ...seconds(10, 15)], 'name');
  expect(lines.map(({ of, values }) => [of, values.map((value) => value === null)])).toEqual([
    ['a', [false, true, false]],
    [null, [false, true, false]],
  ]);
});

test('the line of the others is left out where it says nothing, unless it is the only one', () => {
  const others = { of: null, values: [0, null] };
  const own = { of: 'a', values: [1, null] };
  expect(tellingLines([own, others])).toEqual([own]);
  expect(tellingLines([others])).toEqual([others]);
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
  for (const few of [[], seconds(1, 4)]) expect(throughputPoints(few)).toMatchObject({ at: [], rates: { failed: [] } });
  expect(wordPoints([], 'name')).toEqual([{ of: null, values: [] }]);
});
