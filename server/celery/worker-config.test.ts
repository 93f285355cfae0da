import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePidboxReply } from './pidbox.ts';
import { workerConfigOf } from './worker-config.ts';

const recorded = JSON.parse(
  readFileSync(new URL('./fixtures/celery-5.6.3-pidbox-replies.json', import.meta.url), 'utf8'),
) as Record<string, { headers: Record<string, unknown>; body: object }[]>;
const W1 = { id: 'w1@h1', software: 'py-celery 5.6.3', askedAt: 7 };

function replyOf(method: string): unknown {
  const all = (recorded[method] ?? []).map((one) => parsePidboxReply(JSON.stringify(one.body), one.headers).replies);
  return all.find((replies) => Object.hasOwn(replies, W1.id))?.[W1.id];
}

test('a recorded worker tells its set-up', () => {
  expect(workerConfigOf(W1, replyOf('conf'), replyOf('stats'))).toEqual({
    ...{ id: 'w1@h1', pid: 26_550, askedAt: 7, acksLate: false, rejectOnWorkerLost: false, prefetchMultiplier: 4 },
    ...{ prefetchCount: 8, concurrency: 2, processes: 2, brokerHeartbeatMs: 120_000, brokerConnectionRetry: true },
    ...{ brokerConnectionRetryOnStartup: expect.anything(), taskTrackStarted: true, taskEvents: true },
    ...{ sentEvents: true, taskTimeLimitMs: null, visibilityTimeoutMs: null, resultExpiresMs: 86_400_000 },
    ...{ celeryVersion: '5.6.3', brokerTransport: 'amqp', brokerHost: '127.0.0.1', detectsQuorumQueues: true },
    exclusiveControlQueue: false,
  });
});

test('what is not told is null, and a heartbeat of nothing is none', () => {
  const empty = workerConfigOf({ ...W1, software: null }, { error: 'no' }, undefined);
  expect(Object.entries(empty).filter(([, value]) => value !== null)).toEqual([
    ['id', 'w1@h1'],
    ['askedAt', 7],
  ]);
  expect(workerConfigOf(W1, { broker_heartbeat: null }, {}).brokerHeartbeatMs).toBe(0);
  expect(workerConfigOf(W1, {}, { broker: { heartbeat: 0 } }).brokerHeartbeatMs).toBe(0);
});

test('a pool that grows and shrinks by itself, or is of threads, has no number of processes', () => {
  const pool = { processes: [7, 8] };
  expect(workerConfigOf(W1, {}, { pool }).processes).toBe(2);
  expect(workerConfigOf(W1, {}, { pool, autoscaler: { current: 2, max: 4, min: 1, qty: 0 } }).processes).toBeNull();
  expect(workerConfigOf(W1, {}, { pool: { 'max-concurrency': 4, threads: 4 } }).processes).toBeNull();
});

test('on Redis the visibility timeout is the set one, else kombu’s hour', () => {
  const broker = { transport: 'redis', transport_options: { visibility_timeout: 60 } };
  expect(workerConfigOf(W1, {}, { broker }).visibilityTimeoutMs).toBe(60_000);
  expect(workerConfigOf(W1, {}, { broker: { transport: 'redis' } }).visibilityTimeoutMs).toBe(3_600_000);
  const conf = { broker_transport_options: { visibility_timeout: 7_200 } };
  expect(workerConfigOf(W1, conf, { broker: { transport: 'redis' } }).visibilityTimeoutMs).toBe(7_200_000);
});

test('whatever a worker says, it is read or left out', () => {
  const names = ['task_acks_late', 'result_expires', 'worker_prefetch_multiplier', 'broker', 'pool', 'pid'];
  const value = fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(
    fc.property(value, value, (conf, stats) => {
      const told = workerConfigOf(W1, conf, stats);
      expect(JSON.parse(JSON.stringify(told))).toEqual(told);
    }),
    { seed: 11, numRuns: 500 },
  );
});
