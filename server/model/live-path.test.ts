/** The live path through the recorded lab. */
import { expect, test } from 'vitest';
import { livePathOf } from '#lib/model/live-path.ts';
import { FIXTURE_AT } from '#server/sources/fixture.ts';
import { wholeEstate } from '#server/sources/whole-estate.ts';

test('leads through every proxy, the queues’ leaders, the workers and the one Redis that serves', () => {
  const path = livePathOf(wholeEstate().model, FIXTURE_AT + 500);
  const through = (step: number) =>
    [...path]
      .filter(([, steps]) => steps.includes(step))
      .map(([key]) => key)
      .sort();
  expect(through(1)).toEqual(['proxies/haproxy-1', 'proxies/haproxy-2', 'proxies/haproxy-3']);
  expect(through(2)).toHaveLength(1);
  expect(through(3)).toEqual(['workers/celery@host-1', 'workers/celery@host-2', 'workers/celery@host-3']);
  const results = through(4).filter((key) => key.startsWith('redisNodes/'));
  expect(results).toHaveLength(1);
});

test('does not lead through what nobody has seen for a while', () => {
  expect(livePathOf(wholeEstate().model, FIXTURE_AT + 60_000).size).toBe(0);
});
