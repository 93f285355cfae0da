/** The findings about the set-up of workers, on three workers that are set up well but for one thing. */
import { describe, expect, test } from 'vitest';
import type { CeleryWorker, Ingest } from '#lib/model/celery.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import type { BrokerNode, Queue, ReplicationKind, Worker } from '#lib/model/rabbitmq.ts';
import { type Reading, readingKey } from '#lib/model/reading.ts';
import type { WorkerConfig } from '#lib/model/worker-config.ts';
import { type Case, NOW, ruleBook } from '#server/sources/rule-cases.ts';
import { POSTURE_RULES } from './posture.ts';

const { ruleOf, find, findAll, promisesOf } = ruleBook(POSTURE_RULES);

const HEARTBEATS = readingKey('celery', 'trellis.events', 'heartbeats');
const INTAKE = readingKey('celery', 'trellis.events', 'intake');
const CONFIGS = readingKey('celery', 'trellis.events', 'configs');
const NODE = readingKey('rabbitmq', 'rabbit-1@host-1', 'nodes');
const QUEUES = readingKey('rabbitmq', 'cluster', 'queues');

const reading = (key: string): Reading => {
  const [source, endpoint = '', name = ''] = key.split('/');
  const said = { intervalMs: 1_000, at: NOW - 1, tookMs: 1, via: null, lacks: null, failure: null };
  return { key, source: source as Reading['source'], endpoint, name, ...said };
};

const WELL: WorkerConfig = {
  ...{ id: '', pid: 7, askedAt: NOW - 1, acksLate: true, rejectOnWorkerLost: true, prefetchMultiplier: 1 },
  ...{ prefetchCount: 4, concurrency: 4, processes: 4, brokerHeartbeatMs: 30_000, brokerConnectionRetry: true },
  ...{ brokerConnectionRetryOnStartup: true, taskTrackStarted: true, taskEvents: true, sentEvents: true },
  ...{ taskTimeLimitMs: 600_000, visibilityTimeoutMs: null, resultExpiresMs: 86_400_000, celeryVersion: '5.6.3' },
  ...{ brokerTransport: 'amqp', brokerHost: '127.0.1.1', detectsQuorumQueues: true, exclusiveControlQueue: true },
  by: CONFIGS,
};

type Ills = {
  two?: Partial<WorkerConfig>;
  worker?: Partial<CeleryWorker>;
  rabbit?: string | null;
  replication?: ReplicationKind;
};

/** The set-up and the heartbeats of the second worker, the broker's version and its queue, with these changes. */
function estate({ two = {}, worker = {}, rabbit = '3.10.8', replication = 'mirrors' }: Ills = {}): Model {
  const ids = [1, 2, 3].map((n) => `celery@host-${n}`);
  const change = <T>(i: number, one: T, changed: Partial<T>): T => (i === 1 ? { ...one, ...changed } : one);
  const heard = ids.map((id, i): CeleryWorker => {
    const one: CeleryWorker = {
      ...{ id, host: null, heartbeatAt: NOW - 500, heartbeatEveryMs: 2_000, state: 'online', since: 1, pid: 7 },
      ...{ active: 0, processed: 4, loadAverage: null, software: 'py-celery 5.6.3', system: 'Linux', clockSkewMs: 0 },
      ...{ sendsTaskEvents: true, missedTasks: 0, by: HEARTBEATS },
    };
    return change(i, one, worker);
  });
  const ingest: Ingest = {
    ...{ id: 'trellis.events', mode: 'quorum', modeReason: null, canLose: 'nothing', state: 'consuming', since: 1 },
    ...{ via: null, problem: null, received: 1, rejected: {}, redelivered: 0, skewed: 0, pending: 0, lagMessages: 0 },
    ...{ lagMs: 0, eventsPerSecond: 1, missedTasks: 0, backfilled: 0, orphaned: 0, by: INTAKE },
  };
  const node: BrokerNode = {
    ...{ id: 'rabbit-1@host-1', host: 'host-1', address: null, own: [NODE], running: [], partitions: [] },
    ...{ beingDrained: null, memoryAlarm: null, diskAlarm: null, memoryUsedBytes: null, memoryLimitBytes: null },
    ...{ version: rabbit, resourcesBy: null, amqp: null, critical: null },
  };
  const rates = { publish: null, deliver: null, ack: null };
  const queue: Queue = {
    ...{ id: '/:celery', vhost: '/', name: 'celery', type: 'classic', state: 'running', durable: true },
    ...{ exclusive: false, policy: null, plumbing: false, consumers: 3, ready: 0, unacknowledged: 0 },
    replication: { kind: replication, leader: node.id, members: [node.id], inSync: null, wanted: 1 },
    ...{ syncMessages: null, rates, by: QUEUES, figuresBy: null },
  };
  const consumers = ids.map((id): Worker => {
    return { id, host: null, queues: ['celery'], brokerNodes: [node.id], by: QUEUES, goneSince: null };
  });
  const byId = <T extends { id: string }>(all: readonly T[]) => Object.fromEntries(all.map((one) => [one.id, one]));
  return {
    ...emptyModel(),
    readings: Object.fromEntries([HEARTBEATS, INTAKE, CONFIGS, NODE, QUEUES].map((key) => [key, reading(key)])),
    celeryWorkers: byId(heard),
    workerConfigs: byId(ids.map((id, i) => change(i, { ...WELL, id }, two))),
    ingests: byId([ingest]),
    brokerNodes: byId([node]),
    queues: byId([queue]),
    workers: byId(consumers),
  };
}

const QUEUE = 'ingests/trellis.events';
const old = { celeryVersion: '5.2.6', detectsQuorumQueues: null, exclusiveControlQueue: null };
const redis = { brokerTransport: 'redis' };

const CASES: Readonly<Record<string, Case>> = {
  EarlyAcks: {
    ...{ when: 'a worker acknowledges early', ill: estate({ two: { acksLate: false } }), is: QUEUE },
    ...{ unless: 'it does not tell', well: estate({ two: { acksLate: null } }) },
  },
  LateAcksWithoutRejectOnLost: {
    ...{ when: 'it acknowledges late and gives up', ill: estate({ two: { rejectOnWorkerLost: false } }), is: QUEUE },
    ...{ unless: 'it acknowledges early', well: estate({ two: { rejectOnWorkerLost: false, acksLate: false } }) },
  },
  PrefetchHigh: {
    ...{ when: 'it takes messages without bound', ill: estate({ two: { prefetchMultiplier: 0 } }), is: QUEUE },
    ...{ unless: 'it takes as many as Celery does', well: estate({ two: { prefetchMultiplier: 4 } }) },
  },
  NoBrokerHeartbeat: {
    ...{ when: 'it has none', ill: estate({ two: { brokerHeartbeatMs: 0 } }), is: QUEUE },
    ...{ unless: 'the broker is Redis', well: estate({ two: { brokerHeartbeatMs: 0, ...redis } }) },
  },
  CeleryRabbitVersionTrap: {
    ...{ when: 'an old one is on RabbitMQ 4.3', ill: estate({ two: old, rabbit: '4.3.0' }), is: QUEUE },
    ...{ unless: 'RabbitMQ is 4.2', well: estate({ two: old, rabbit: '4.2.1' }) },
  },
  VisibilityTimeoutShort: {
    when: 'tasks may run longer',
    ill: estate({ two: { ...redis, visibilityTimeoutMs: 300_000 } }),
    is: QUEUE,
    ...{ unless: 'they may not', well: estate({ two: { ...redis, visibilityTimeoutMs: 600_000 } }) },
  },
  WorkerEventsOff: {
    when: 'it is set so and did nothing yet',
    ill: estate({ two: { taskEvents: false }, worker: { sendsTaskEvents: null } }),
    is: QUEUE,
    ...{ unless: 'it sends them all the same', well: estate({ two: { taskEvents: false } }) },
  },
};

describe.each(Object.entries(CASES))('%s', (code, one) => {
  test.each(promisesOf(code, one, /celery@host-2/))('%s', (_, got, wanted) => expect(got()).toEqual(wanted));
});

test('every rule has its case', () => {
  expect(Object.keys(CASES)).toEqual(POSTURE_RULES.map(({ code }) => code));
});

test('workers that are set up well have none of them', () => {
  expect(findAll(estate())).toEqual([]);
});

test('a set-up of a process that is gone, or of a worker that is silent, is nobody’s', () => {
  const two = { acksLate: false };
  expect(find('EarlyAcks', estate({ two, worker: { pid: 8 } }))).toEqual([]);
  expect(find('EarlyAcks', estate({ two, worker: { state: 'silent' } }))).toEqual([]);
});

test('a quorum queue is a trap for workers that ask for a global prefetch, on any RabbitMQ', () => {
  const [found] = ruleOf('CeleryRabbitVersionTrap').find(estate({ two: old, replication: 'quorum' }), NOW);
  expect(found?.text).toBe(
    'celery@host-2 on RabbitMQ 3.10.8: they ask for a global prefetch, which quorum queues refuse: a worker that is to consume one fails.',
  );
  const detecting = { ...old, celeryVersion: '5.5.0' };
  expect(find('CeleryRabbitVersionTrap', estate({ two: detecting, replication: 'quorum' }))).toEqual([]);
  expect(find('CeleryRabbitVersionTrap', estate({ two: old, rabbit: null, replication: 'quorum' }))).toEqual([]);
});

test('an hour is long enough where no limit of tasks is set', () => {
  const with1h = (visibilityTimeoutMs: number) =>
    find('VisibilityTimeoutShort', estate({ two: { ...redis, taskTimeLimitMs: null, visibilityTimeoutMs } }));
  expect([with1h(3_600_000), with1h(3_599_999)]).toEqual([[], [`warning VisibilityTimeoutShort:${QUEUE}`]]);
});

test('many workers are one finding', () => {
  const model = estate();
  const configs = Object.values(model.workerConfigs).map((one) => [one.id, { ...one, acksLate: false }]);
  const found = ruleOf('EarlyAcks').find({ ...model, workerConfigs: Object.fromEntries(configs) }, NOW);
  expect(found).toHaveLength(1);
  expect(found[0]?.evidence).toHaveLength(3);
});
