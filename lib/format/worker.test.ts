import { describe, expect, test } from 'vitest';
import type { ThroughputSecond } from '#lib/contract/tasks.ts';
import type { CeleryWorker, Ingest } from '#lib/model/celery.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import type { Worker } from '#lib/model/rabbitmq.ts';
import type { Reading } from '#lib/model/reading.ts';
import {
  describeSkew,
  describeStates,
  filterWorkers,
  type WorkerFilter,
  type WorkerRow,
  workerRows,
} from './worker.ts';

const NOW = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const ID = 'celery@host-1';
const ALL: WorkerFilter = { q: '', state: [], queue: '', host: '', archived: true };

const reading = (name: string, ageMs = 1_000): Reading => ({
  ...{ key: name, source: 'rabbitmq', endpoint: 'rabbit-1', name, intervalMs: 2_000, at: NOW - ageMs, tookMs: 3 },
  ...{ via: null, lacks: null, failure: null },
});

const heard: CeleryWorker = {
  ...{ id: ID, host: 'host-1', heartbeatAt: NOW - 700, heartbeatEveryMs: 2_000, state: 'online', since: NOW - 60_000 },
  ...{ pid: 7, active: 2, processed: 90, loadAverage: [0.5, 0.4, 0.3], software: 'py-celery 5.6.3', system: 'Linux' },
  ...{ clockSkewMs: 12, sendsTaskEvents: true, missedTasks: 0, by: 'events' },
};
const listed: Worker = {
  ...{ id: ID, host: 'host-1', queues: ['celery'], brokerNodes: ['rabbit-1@host-1'], by: 'queues', goneSince: null },
};

function modelOf(celery: Partial<CeleryWorker> | null, worker: Partial<Worker> | null, eventsAgeMs?: number): Model {
  return {
    ...emptyModel(),
    readings: { events: reading('events', eventsAgeMs), queues: reading('queues') },
    celeryWorkers: celery === null ? {} : { [ID]: { ...heard, ...celery } },
    workers: worker === null ? {} : { [ID]: { ...listed, ...worker } },
  };
}

function only(model: Model, throughput: readonly ThroughputSecond[] = []): WorkerRow {
  const [row, ...more] = workerRows(model, throughput, NOW);
  if (row === undefined || more.length > 0) throw new Error('one worker was expected');
  return row;
}

describe('what is shown of a worker', () => {
  test('a worker that beats and consumes is online', () => {
    expect(only(modelOf({}, {}))).toMatchObject({ state: 'online', shown: { status: 'ok' }, contradiction: null });
  });

  test('one of which nothing new is heard is counted as neither online nor silent', () => {
    const rows = [only(modelOf({}, {}, 20_000)), only(modelOf({ state: 'silent' }, {}, 90_000))];
    expect(rows.map(({ state }) => state)).toEqual(['unheard', 'unheard']);
    expect(describeStates(rows)).toBe('2 not heard now');
  });

  test('one that beats and consumes nothing is marked, whether it cancelled its consumers or lost its connection', () => {
    for (const worker of [{ queues: [] }, { queues: [], goneSince: NOW - 9_000 }])
      expect(only(modelOf({}, worker))).toMatchObject({
        state: 'online',
        shown: { status: 'degraded', word: 'alive, consumes nothing' },
      });
  });

  test('it is not marked where RabbitMQ was not asked, or has not told', () => {
    expect(only(modelOf({}, null)).contradiction).toBeNull();
    expect(only(modelOf({}, { queues: null })).contradiction).toBeNull();
    expect(only({ ...modelOf({}, { queues: [] }), readings: { events: reading('events') } }).contradiction).toBeNull();
  });

  test('one that consumes without a heartbeat is silent, and said to hang perhaps', () => {
    const row = only(modelOf({ state: 'silent' }, {}));
    expect(row).toMatchObject({ state: 'silent', shown: { status: 'down' } });
    expect(row.contradiction).toContain('may hang');
  });

  test('one without events is only seen by RabbitMQ; once gone from there too it is offline', () => {
    expect(only(modelOf(null, {})).state).toBe('broker-only');
    expect(only(modelOf(null, { goneSince: NOW - 1_000, queues: [] })).state).toBe('offline');
  });

  test('its missing heartbeat is held against it only while Trellis takes events in', () => {
    const taking = (state: 'consuming' | 'disconnected'): Model => {
      const intake: Ingest = {
        ...{ id: 'q', mode: null, modeReason: null, canLose: '', state, since: NOW, via: null, problem: null },
        ...{ received: 0, rejected: {}, redelivered: 0, skewed: 0, pending: 0, lagMessages: null, lagMs: null },
        ...{ eventsPerSecond: 0, missedTasks: 0, backfilled: 0, orphaned: 0, by: 'events' },
      };
      return { ...modelOf(null, {}), ingests: { q: intake } };
    };
    expect(only(taking('consuming')).contradiction).toContain('No heartbeat');
    expect(only(taking('disconnected')).contradiction).toBeNull();
    expect(only(modelOf(null, {})).contradiction).toBeNull();
  });

  test('nothing is green or contradictory while no events come in', () => {
    const row = only(modelOf({}, { queues: [] }, 20_000));
    expect(row.shown.status).toBe('stale');
    expect(row.contradiction).toBeNull();
  });

  test('a worker may be called like what every object has', () => {
    const model = modelOf(null, null);
    const rows = workerRows({ ...model, workers: { constructor: { ...listed, id: 'constructor' } } }, [], NOW);
    expect(rows).toMatchObject([{ id: 'constructor', state: 'broker-only', heartbeatAt: null }]);
  });

  test('the HAProxies on its host that lead to brokers are named, others are not', () => {
    const proxy = (id: string, host: string, carries: 'broker' | 'results') => ({
      ...{ id, host, own: 'proxy', process: null },
      backends: [{ name: 'b', carries, servers: [], serving: [] }],
    });
    const proxies = {
      a: proxy('a', 'host-1', 'broker'),
      b: proxy('b', 'host-1', 'results'),
      c: proxy('c', 'host-2', 'broker'),
    };
    expect(only({ ...modelOf({}, {}), proxies }).proxies).toEqual(['a']);
  });
});

describe('the archive', () => {
  test('takes workers that are gone for more than an hour, and no others', () => {
    const gone = (agoMs: number) => only(modelOf({ state: 'offline', since: NOW - agoMs }, null)).isArchived;
    expect(gone(HOUR_MS - 1)).toBe(false);
    expect(gone(HOUR_MS + 1)).toBe(true);
    expect(only(modelOf({ since: NOW - 9 * HOUR_MS }, {})).isArchived).toBe(false);
    expect(only(modelOf(null, { goneSince: NOW - 2 * HOUR_MS, queues: [] })).isArchived).toBe(true);
  });

  test('does not take what RabbitMQ still lists as a consumer', () => {
    expect(only(modelOf({ state: 'silent', since: NOW - 2 * HOUR_MS }, {})).isArchived).toBe(false);
  });
});

describe('tasks a second', () => {
  const second = (ageSeconds: number, workers: Record<string, number>): ThroughputSecond => ({
    ...{
      at: NOW - ageSeconds * 1_000,
      sent: 0,
      received: 0,
      started: 0,
      succeeded: 0,
      failed: 0,
      retried: 0,
      revoked: 0,
    },
    ...{ runtimeP50: null, runtimeP95: null, waitP50: null, waitP95: null, names: {}, queues: {}, workers },
  });

  test('are the mean of the last ten seconds; a second without the worker counts as none', () => {
    const seconds = [second(13, { [ID]: 99 }), second(3, { [ID]: 4 }), second(2, {}), second(1, { [ID]: 2 })];
    expect(only(modelOf({}, {}), seconds).tasksPerSecond).toBe(2);
  });

  test('are not told where throughput is old, or where the worker may be among those that were left out', () => {
    expect(only(modelOf({}, {}), [second(20, { [ID]: 4 })]).tasksPerSecond).toBeNull();
    const others = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`w@${i}`, 1]));
    expect(only(modelOf({}, {}), [second(1, others)]).tasksPerSecond).toBeNull();
  });
});

describe('the filter', () => {
  const rows = workerRows(
    {
      ...modelOf({}, {}),
      workers: { [ID]: listed, 'mail@b': { ...listed, id: 'mail@b', host: 'b', queues: ['mail'], brokerNodes: [] } },
    },
    [],
    NOW,
  );
  const ids = (filter: Partial<WorkerFilter>) => filterWorkers(rows, { ...ALL, ...filter }).map(({ id }) => id);

  test('narrows by text, state, queue and host, and keeps the archive out', () => {
    expect(ids({})).toEqual([ID, 'mail@b']);
    expect(ids({ q: ' RABBIT-1 ' })).toEqual([ID]);
    expect(ids({ state: ['broker-only', 'silent'] })).toEqual(['mail@b']);
    expect(ids({ queue: 'mail' })).toEqual(['mail@b']);
    expect(ids({ host: 'host-1' })).toEqual([ID]);
    const archived = rows.map((row) => ({ ...row, isArchived: true }));
    expect(filterWorkers(archived, { ...ALL, archived: false })).toEqual([]);
  });

  test('counts are by state, in words', () => {
    expect(describeStates(rows)).toBe('1 online, 1 only seen by RabbitMQ');
  });
});

test.each([
  [null, null],
  [40, 'in step'],
  [-120, '120 ms behind'],
  [3_240, '3.2 s ahead'],
])('a clock that is off by %s ms is %s', (skewMs, text) => {
  expect(describeSkew(skewMs)).toBe(text);
});
