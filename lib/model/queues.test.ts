import { expect, test } from 'vitest';
import { emptyModel } from './model.ts';
import { copyState, missingCopies, policyOf, taskQueues, workersOf } from './queues.ts';
import type { BrokerNode, Policy, Queue, Worker } from './rabbitmq.ts';

const NOW = 100_000;

function queue(id: string, leader: string | null, more: Partial<Queue> = {}): Queue {
  return {
    ...{ id, vhost: '/', name: id.slice(2), type: 'classic', state: 'running', durable: true, exclusive: false },
    replication: { kind: 'mirrors', leader, members: ['a', 'b'], inSync: ['a'], wanted: 2 },
    ...{ policy: null, plumbing: false, consumers: 0, ready: 0, unacknowledged: 0, syncMessages: null },
    ...{ rates: { publish: null, deliver: null, ack: null }, by: 'q', figuresBy: null },
    ...more,
  };
}

function node(id: string, running: boolean): BrokerNode {
  return {
    ...{ id, host: null, address: null, own: [], running: [{ by: 'view', value: running }], partitions: [] },
    ...{ beingDrained: null, memoryAlarm: null, diskAlarm: null, memoryUsedBytes: null, memoryLimitBytes: null },
    ...{ version: null, resourcesBy: null, amqp: null, critical: null },
  };
}

test('a copy that is not in sync is missing, and an unknown sync state is not "all in sync"', () => {
  expect(missingCopies({ members: ['a', 'b', 'c'], inSync: ['a', 'c'] })).toEqual(['b']);
  expect(missingCopies({ members: ['a'], inSync: null })).toBeNull();
});

test('the policy that wins is the one of that name in the vhost of the queue', () => {
  const policy = (vhost: string): Policy => ({
    ...{ id: `${vhost}:ha`, vhost, name: 'ha', pattern: '.*', appliesTo: 'queues', priority: 0 },
    ...{ definition: {}, by: 'p' },
  });
  const policies = { '/:ha': policy('/'), 'prod:ha': policy('prod') };
  expect(policyOf({ vhost: 'prod', policy: 'ha' }, policies)).toBe(policies['prod:ha']);
  expect(policyOf({ vhost: '/', policy: 'gone' }, policies)).toBeNull();
  expect(policyOf({ vhost: '/', policy: null }, policies)).toBeNull();
});

test('workers that consume a queue come by name, those not seen consuming are left out', () => {
  const worker = (id: string, queues: string[] | null): Worker => ({
    ...{ id, host: null, queues, brokerNodes: [], by: 'w', goneSince: null },
  });
  const workers = { z: worker('z', ['celery']), n: worker('n', null), a: worker('a', ['celery', 'slow']) };
  expect(workersOf({ name: 'celery' }, workers).map(({ id }) => id)).toEqual(['a', 'z']);
});

test('only task queues with a leader count for the node that leads them', () => {
  const queues = {
    x: queue('/:x', 'a'),
    y: queue('/:y', 'a'),
    none: queue('/:none', null),
    pidbox: queue('/:pidbox', 'b', { plumbing: true }),
    private: queue('/:private', 'b', { exclusive: true }),
    own: queue('/:trellis.events', 'b'),
  };
  expect([...taskQueues(queues).ledBy]).toEqual([['a', 2]]);
});

test('queues without leader or with copies missing are impaired, the most missing first, and counted where they miss', () => {
  const replicas = (leader: string | null, inSync: string[] | null) => ({
    replication: { kind: 'mirrors' as const, leader, members: ['a', 'b', 'c'], inSync, wanted: 3 },
  });
  const queues = {
    whole: queue('/:whole', 'a', { ...replicas('a', ['a', 'b', 'c']), ready: 3 }),
    one: queue('/:one', 'a', { ...replicas('a', ['a', 'b']), ready: 4 }),
    two: queue('/:two', 'a', replicas('a', ['a'])),
    none: queue('/:none', null, replicas(null, null)),
  };
  const { impaired, behindOn, waiting } = taskQueues(queues);
  expect(impaired.map(({ id }) => id)).toEqual(['/:two', '/:one', '/:none']);
  expect([...behindOn].sort()).toEqual([
    ['b', 1],
    ['c', 2],
  ]);
  expect(waiting).toBe(7);
});

test('a copy whose node is down or silent is not called in sync, whatever the list says', () => {
  const view = {
    ...({ key: 'view', source: 'rabbitmq', endpoint: 'a', name: 'nodes', intervalMs: 1_000, at: NOW } as const),
    ...{ tookMs: 1, via: null, lacks: null, failure: null },
  };
  const model = {
    ...emptyModel(),
    readings: { view },
    brokerNodes: { a: node('a', true), b: node('b', true), dead: node('dead', false) },
  };
  const states = (inSync: readonly string[] | null, at: number) =>
    ['a', 'b', 'dead', 'elsewhere'].map((member) => copyState({ inSync }, member, model, at));
  expect(states(['a', 'dead', 'elsewhere'], NOW)).toEqual(['in-sync', 'behind', 'node-down', 'node-silent']);
  expect(states(null, NOW).slice(0, 2)).toEqual(['untold', 'untold']);
  expect(states(['a'], NOW + 9_000)[0]).toBe('node-silent');
});
