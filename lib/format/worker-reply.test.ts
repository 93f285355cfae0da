import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flatten, heldTasks, partOf, poolOf, queuesOf, registeredTasks, withoutParts } from './worker-reply.ts';

/** As Celery 5.6.3 answered, shortened. */
const STATS = {
  total: { 'ptasks.add': 359 },
  pid: 26550,
  pool: {
    implementation: 'celery.concurrency.prefork:TaskPool',
    'max-concurrency': 2,
    processes: [26598, 28845],
    timeouts: [0, 0],
    writes: { total: 364, inqueues: { total: 2, active: 0 } },
  },
  broker: { hostname: '127.0.0.1', alternates: [], transport_options: {} },
  prefetch_count: 8,
};

const ACTIVE = {
  id: 'd98fb3c3-85a8-4de0-bcfc-d146107134ea',
  name: 'ptasks.sleep',
  args: [30],
  kwargs: {},
  hostname: 'w1@h1',
  time_start: 1_763_800_000.25,
  acknowledged: true,
  delivery_info: { exchange: '', routing_key: 'celery', priority: 0, redelivered: false },
  worker_pid: 26598,
};

test('the pool is read from stats', () => {
  expect(poolOf(STATS)).toEqual({
    ...{ kind: 'prefork', concurrency: 2, processes: [26598, 28845], prefetch: 8, autoscale: null },
  });
  expect(poolOf({ ...STATS, autoscaler: { max: 9, min: 1, current: 4, qty: 4 } }).autoscale).toEqual({
    min: 1,
    max: 9,
  });
});

test('consumed queues are read with their exchange and kind; a worker that consumes none has none', () => {
  const queue = {
    ...{ name: 'celery', routing_key: 'celery', durable: true, queue_arguments: { 'x-queue-type': 'quorum' } },
    exchange: { name: 'celery', type: 'direct' },
  };
  expect(queuesOf([queue])).toEqual([
    { name: 'celery', exchange: 'celery', exchangeType: 'direct', routingKey: 'celery', durable: true, type: 'quorum' },
  ]);
  expect(queuesOf(null)).toEqual([]);
});

test('held tasks are read, planned ones from inside their request', () => {
  const [running] = heldTasks([ACTIVE]);
  expect(running).toMatchObject({ id: ACTIVE.id, args: '[30]', kwargs: '{}', queue: 'celery', pid: 26598, eta: null });
  expect(running?.startedAtSeconds).toBe(ACTIVE.time_start);
  const [planned] = heldTasks([{ eta: '2026-11-22T08:00:00+00:00', priority: 6, request: ACTIVE }]);
  expect(planned).toMatchObject({ id: ACTIVE.id, eta: '2026-11-22T08:00:00+00:00' });
});

test('limits are read from what stands behind the name of a task', () => {
  expect(registeredTasks(['ptasks.add', 'ptasks.xsum [rate_limit=10/m time_limit=30 soft_time_limit=None]'])).toEqual([
    { name: 'ptasks.add', rateLimit: null, timeLimit: null, softTimeLimit: null },
    { name: 'ptasks.xsum', rateLimit: '10/m', timeLimit: '30', softTimeLimit: null },
  ]);
});

test('every value of a reply is in its table, each once', () => {
  const lines = flatten(STATS);
  expect(lines).toContainEqual(['pool.processes', '26598, 28845']);
  expect(lines).toContainEqual(['pool.writes.inqueues.active', '0']);
  expect(lines).toContainEqual(['broker.alternates', '[]']);
  expect(lines).toContainEqual(['broker.transport_options', '{}']);
  expect(new Set(lines.map(([path]) => path)).size).toBe(lines.length);
  expect(flatten(withoutParts(STATS, ['pool', 'broker', 'total']))).toEqual([
    ['pid', '26550'],
    ['prefetch_count', '8'],
  ]);
});

describe('a reply is foreign', () => {
  test('what is not there is null, and what every object has is not there', () => {
    expect(partOf({ pool: {} }, 'pool', 'constructor')).toBeUndefined();
    expect(partOf(null, 'a')).toBeUndefined();
    expect(poolOf(undefined)).toEqual({
      ...{ kind: null, concurrency: null, processes: null, prefetch: null, autoscale: null },
    });
  });

  test('whatever a worker says is read without an error', () => {
    const key = fc.constantFrom('pool', 'processes', 'id', 'request', 'name', 'eta', 'delivery_info', '__proto__');
    const reply = fc.oneof(
      fc.jsonValue(),
      fc.array(fc.dictionary(key, fc.jsonValue())),
      fc.dictionary(key, fc.jsonValue()),
    );
    fc.assert(
      fc.property(reply, (value) => {
        for (const read of [poolOf, queuesOf, heldTasks, registeredTasks, flatten]) read(value);
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});
