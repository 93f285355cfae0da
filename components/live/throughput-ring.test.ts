import { expect, test } from 'vitest';
import type { StreamSecond } from '#lib/contract/stream.ts';
import { joinThroughput } from './throughput-ring.ts';

function second(i: number, succeeded = 0): StreamSecond {
  return {
    ...{ at: i * 1_000, sent: 0, received: 0, started: 0, succeeded, failed: 0, retried: 0, revoked: 0 },
    ...{ runtimeP50: null, runtimeP95: null, waitP50: null, waitP95: null, workers: {} },
  };
}

function seconds(from: number, to: number): StreamSecond[] {
  return Array.from({ length: to - from }, (_, i) => second(from + i));
}

test('an hour is kept', () => {
  let kept: readonly StreamSecond[] = [];
  for (let i = 0; i < 4_000; i++) kept = joinThroughput(kept, [second(i)]);
  expect(kept).toEqual(seconds(400, 4_000));
});

test('after a reconnection the ten minutes that the server sends join what was seen before, none twice', () => {
  const kept = joinThroughput(seconds(0, 1_000), seconds(500, 1_100));
  expect(kept).toEqual(seconds(0, 1_100));
});

test('a second that is told again counts as told last', () => {
  expect(joinThroughput(seconds(0, 3), [second(2, 7)])).toEqual([second(0), second(1), second(2, 7)]);
});

test('time in which nothing was told stays empty, and what is older than an hour before the newest goes', () => {
  expect(joinThroughput(seconds(0, 5), seconds(3_602, 3_604))).toEqual([second(4), ...seconds(3_602, 3_604)]);
  expect(joinThroughput(seconds(0, 5), seconds(9_000, 9_002))).toEqual(seconds(9_000, 9_002));
});

test('nothing more is the same list: nobody renders for it', () => {
  const kept = seconds(0, 5);
  expect(joinThroughput(kept, [])).toBe(kept);
});

test('a clock that was set back goes on from there', () => {
  expect(joinThroughput(seconds(100, 105), seconds(50, 52))).toEqual(seconds(50, 52));
});
