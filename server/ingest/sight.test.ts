import { expect, test } from 'vitest';
import { createSight } from './sight.ts';
import { createTally } from './tally.ts';

test('a consumer on an empty queue sees at once; on a backlog only once the broker says that it is worked off', () => {
  const sight = createSight();
  expect(sight.since).toBeNull();
  sight.opened(0, 10);
  expect(sight.since).toBe(10);
  sight.opened(50_000, 20);
  sight.told(30_000, 30);
  expect(sight.since).toBeNull();
  sight.told(12, 40);
  sight.told(3, 50);
  expect(sight.since).toBe(40);
});

test('a queue of which the broker cannot tell how much waits has no leader: nothing is seen', () => {
  const sight = createSight();
  sight.opened(0, 10);
  sight.told(null, 20);
  expect(sight.since).toBeNull();
  sight.told(0, 30);
  expect(sight.since).toBe(30);
});

test('a late answer about a consumer that is gone opens no eyes', () => {
  const sight = createSight();
  sight.opened(0, 10);
  sight.lost();
  sight.told(0, 20);
  expect(sight.since).toBeNull();
});

test('counts go on from an earlier thread, and the rate is that of the last whole seconds', () => {
  const carried = { received: 10, rejected: { 'no-id': 1 }, redelivered: 2, skewed: 3, backfilled: 0, orphaned: 0 };
  const tally = createTally(carried);
  for (const at of [1_000, 2_000, 3_000]) {
    tally.add({ events: 9, rejected: ['no-id'], skewed: 1, redelivered: at === 3_000 }, at);
  }
  expect(tally.counts(6_000)).toEqual({
    ...{ received: 40, redelivered: 12, skewed: 6, rejected: { 'no-id': 4 }, eventsPerSecond: 6 },
  });
  expect(tally.counts(60_000).eventsPerSecond).toBe(0);
});
