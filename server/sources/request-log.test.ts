import { expect, test } from 'vitest';
import { createRequestLog } from './request-log.ts';

test('the rate is what was sent in the last ten full seconds, for each endpoint by itself', () => {
  let now = 0;
  const log = createRequestLog(() => now);
  for (now = 0; now < 60_000; now += 250) {
    log.sent('a');
    if (now % 1_000 === 0) log.sent('b');
  }
  expect([log.perSecond('a'), log.perSecond('b'), log.perSecond('c')]).toEqual([4, 1, 0]);
  now += 20_000;
  expect(log.perSecond('a')).toBe(0);
});

test('shortly after the start the rate is over the time since then', () => {
  let now = 500;
  const log = createRequestLog(() => now);
  for (let i = 0; i < 6; i++) log.sent('a');
  now = 2_500;
  expect(log.perSecond('a')).toBe(3);
});
