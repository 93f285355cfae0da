import { expect, test } from 'vitest';
import { emptyModel, type Model } from '#lib/model/model.ts';
import type { Cause, Transition, TransitionCode } from '#lib/model/transition.ts';
import { wholeEstate } from '#server/sources/whole-estate.ts';
import { CAUSE_WINDOW_MS, candidates, causeOf } from './causes.ts';

const whole: Model = wholeEstate().model;
const T = 1_000_000;

type Change = [code: TransitionCode, id: string, from: string, to: string, part?: string];
const change = ([code, id, from, to, part]: Change, at: number): Cause => ({
  ...{ id: at, at, code, from, to },
  subject: { kind: 'hosts', id, ...(part === undefined ? {} : { part }) },
});
const found = (one: Change): Omit<Transition, 'id'> => ({ ...change(one, T), by: [] });
const explained = (one: Change, ...earlier: Change[]) =>
  causeOf(
    found(one),
    earlier.map((each, i) => change(each, T - 1_000 + i)),
    whole,
  )?.subject.id;

const BROKER_DOWN: Change = ['BrokerNodeRunning', 'rabbit-1@host-1', 'running', 'down'];
const queue = '/:celery';
const copies = (...numbers: number[]) => numbers.map((n) => `rabbit-${n}@host-${n}`).join(' ');

test.each<[string, Change, Change]>([
  ['a new leader', ['QueueLeader', queue, 'rabbit-1@host-1', 'rabbit-2@host-2'], BROKER_DOWN],
  ['a lost copy', ['QueueInSync', queue, copies(1, 2, 3), copies(2, 3)], BROKER_DOWN],
  ['a switched proxy', ['ProxyServing', 'haproxy-1', 'rabbit-1', 'rabbit-2', 'amqp'], BROKER_DOWN],
  [
    'a new Redis master',
    ['RedisMaster', 'results', '127.0.1.1:6379', '127.0.1.2:6379'],
    ['RedisNodeUp', 'results/127.0.1.1:6379', 'up', 'down'],
  ],
  [
    'a lock that moves',
    ['LockHolder', 'beat', 'consul-1', 'nobody'],
    ['ConsulServerAlive', 'consul-1', 'alive', 'down'],
  ],
  [
    'the end of a time without leader',
    ['ConsulLeader', 'consul', 'nobody', '127.0.1.2:8300'],
    ['ConsulLeader', 'consul', '127.0.1.1:8300', 'nobody'],
  ],
])('%s is put down to what it depends on', (_what, one, cause) => {
  expect(explained(one, cause)).toBe(cause[1]);
});

test('what the change does not depend on explains nothing', () => {
  expect(explained(['QueueLeader', queue, 'rabbit-2@host-2', 'rabbit-3@host-3'], BROKER_DOWN)).toBeUndefined();
  expect(explained(['ProxyServing', 'haproxy-1', 'redis-1', 'redis-2', 'redis'], BROKER_DOWN)).toBeUndefined();
});

test('of several the newest explains, and what lies too far back does not', () => {
  const earlier = [
    change(BROKER_DOWN, T - CAUSE_WINDOW_MS - 1),
    change(BROKER_DOWN, T - 5),
    change(BROKER_DOWN, T - 3),
  ];
  const one = found(['QueueLeader', queue, 'rabbit-1@host-1', 'rabbit-2@host-2']);
  expect(causeOf(one, earlier, whole)?.at).toBe(T - 3);
  expect(causeOf(one, earlier.slice(0, 1), whole)).toBeUndefined();
});

test('an unknown estate explains nothing and does not fail', () => {
  for (const code of ['ProxyServing', 'WorkerPresence', 'RedisNodeRole', 'ConsulLeader'] as const) {
    expect(causeOf(found([code, 'x', 'a', 'b']), [change(BROKER_DOWN, T)], emptyModel())).toBeUndefined();
  }
});

test('what explains nothing, and what is too old, is no candidate', () => {
  const down = change(BROKER_DOWN, T);
  const moved = change(['QueueLeader', queue, 'a', 'b'], T);
  expect(candidates([], [down, moved], T)).toEqual([down]);
  expect(candidates([down], [], T + CAUSE_WINDOW_MS + 1)).toEqual([]);
});
