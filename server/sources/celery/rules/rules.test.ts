/** The findings about Celery's events, on three workers and one intake that are well but for one thing. */
import { describe, expect, test } from 'vitest';
import type { CeleryWorker, Ingest } from '#lib/model/celery.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import type { Worker } from '#lib/model/rabbitmq.ts';
import type { Reading, SourceKind } from '#lib/model/reading.ts';
import { readingKey } from '#lib/model/reading.ts';
import { type Case, NOW, ruleBook } from '#server/sources/rule-cases.ts';
import { CELERY_RULES } from './all.ts';
import { POSTURE_RULES } from './posture.ts';

const { ruleOf, find, findAll, promisesOf } = ruleBook(CELERY_RULES);

const HEARTBEATS = readingKey('celery' as SourceKind, 'trellis.events', 'heartbeats');
const INTAKE = readingKey('celery' as SourceKind, 'trellis.events', 'intake');
const BROKER = readingKey('rabbitmq', 'cluster', 'queues');

const reading = (key: string): Reading => {
  const [source, endpoint = '', name = ''] = key.split('/');
  const said = { intervalMs: 1_000, at: NOW - 1, tookMs: 1, via: null, lacks: null, failure: null };
  return { key, source: source as SourceKind, endpoint, name, ...said };
};

const WORKER: CeleryWorker = {
  ...{ id: '', host: null, heartbeatAt: NOW - 500, heartbeatEveryMs: 2_000, state: 'online', since: NOW - 60_000 },
  ...{ pid: 7, active: 2, processed: 40, loadAverage: [1, 1, 1], software: 'py-celery 5.2.6', system: 'Linux' },
  ...{ clockSkewMs: 3, sendsTaskEvents: true, missedTasks: 0, by: HEARTBEATS },
};
const INGEST: Ingest = {
  ...{ id: 'trellis.events', mode: 'quorum', modeReason: null, canLose: 'nothing', state: 'consuming', since: 1 },
  ...{ via: '127.0.1.1:5672', problem: null, received: 900, rejected: {}, redelivered: 0, skewed: 0, pending: 0 },
  ...{ lagMessages: 0, lagMs: 300, eventsPerSecond: 9, missedTasks: 0, backfilled: 0, orphaned: 0 },
  by: INTAKE,
};

type Ills = { two?: Partial<CeleryWorker>; intake?: Partial<Ingest>; broker?: Partial<Worker> };

/** The second worker, the intake, and what the broker says of the second worker, with these changes. */
function estate({ two = {}, intake = {}, broker = {} }: Ills = {}): Model {
  const workers = [1, 2, 3].map((n) => ({
    ...WORKER,
    id: `celery@host-${n}`,
    host: `host-${n}`,
    ...(n === 2 ? two : {}),
  }));
  const seen = { queues: ['celery'], brokerNodes: ['rabbit-2@host-2'], by: BROKER, goneSince: null };
  const known = workers.map(({ id, host }, i): Worker => ({ id, host, ...seen, ...(i === 1 ? broker : {}) }));
  return {
    ...emptyModel(),
    readings: Object.fromEntries([HEARTBEATS, INTAKE, BROKER].map((key) => [key, reading(key)])),
    celeryWorkers: Object.fromEntries(workers.map((one) => [one.id, one])),
    workers: Object.fromEntries(known.map((one) => [one.id, one])),
    ingests: { 'trellis.events': { ...INGEST, ...intake } },
  };
}

const TWO = 'celeryWorkers/celery@host-2';
const QUEUE = 'ingests/trellis.events';
const silent = { state: 'silent', since: NOW - 5_000, heartbeatAt: NOW - 11_000 } as const;

const CASES: Readonly<Record<string, Case>> = {
  WorkerSilent: {
    ...{ when: 'heartbeats stopped', ill: estate({ two: silent }), is: TWO },
    ...{ unless: 'it said good-bye', well: estate({ two: { state: 'offline' } }) },
  },
  WorkerNotConsuming: {
    ...{ when: 'it beats and has left the broker', ill: estate({ broker: { goneSince: NOW - 20_000 } }), is: TWO },
    ...{ unless: 'it has left both', well: estate({ two: { state: 'offline' }, broker: { goneSince: NOW - 20_000 } }) },
  },
  TasksStuckOnSilentWorker: {
    ...{ when: 'it fell silent at work', ill: estate({ two: { ...silent, active: 2 } }), is: TWO },
    ...{ unless: 'it had nothing to do', well: estate({ two: { ...silent, active: 0 } }) },
  },
  WorkerClockSkewed: {
    ...{ when: 'its clock is 6 s ahead', ill: estate({ two: { clockSkewMs: 6_000 } }), is: TWO },
    ...{ unless: 'it is 5 s ahead', well: estate({ two: { clockSkewMs: 5_000 } }) },
  },
  IntakeNotStoring: {
    ...{
      when: 'writing fails',
      ill: estate({ intake: { state: 'storing-fails', problem: 'the disk is full' } }),
      is: QUEUE,
    },
    ...{ unless: 'it is not connected', well: estate({ intake: { state: 'disconnected', problem: 'refused' } }) },
  },
  IntakeBehind: {
    ...{ when: 'events wait for 31 s', ill: estate({ intake: { lagMs: 31_000, lagMessages: 7 } }), is: QUEUE },
    ...{ unless: 'nothing happens at all', well: estate({ intake: { lagMs: 3_600_000, lagMessages: 0 } }) },
  },
  EventsMissed: {
    ...{ when: 'a heartbeat counts more', ill: estate({ two: { missedTasks: 4 } }), is: QUEUE },
    ...{ unless: 'it sends none at all', well: estate({ two: { missedTasks: 4, sendsTaskEvents: false } }) },
  },
  EventsNotSent: {
    ...{ when: 'one is mute', ill: estate({ two: { sendsTaskEvents: false } }), is: QUEUE },
    ...{ unless: 'it has done nothing that would show it', well: estate({ two: { sendsTaskEvents: null } }) },
  },
};

describe.each(Object.entries(CASES))('%s', (code, one) => {
  test.each(promisesOf(code, one, /celery@host-2|events/i))('%s', (_, got, wanted) => expect(got()).toEqual(wanted));
});

test('every rule has its case', () => {
  expect(Object.keys(CASES)).toEqual(
    CELERY_RULES.filter((rule) => !POSTURE_RULES.includes(rule)).map(({ code }) => code),
  );
});

test('workers and intake that are well have none of them', () => {
  expect(findAll(estate())).toEqual([]);
});

test('a silent worker that the broker still knows is said to hang or to be cut off, and is nobody’s consequence there', () => {
  const [still] = ruleOf('WorkerSilent').find(estate({ two: silent }), NOW);
  expect(still?.text).toBe(
    'The worker celery@host-2 is silent, and the broker still has its connection: it hangs, or is cut off.',
  );
  expect(still?.because).not.toContainEqual({ kind: 'workers', id: 'celery@host-2' });
  const [gone] = ruleOf('WorkerSilent').find(estate({ two: silent, broker: { goneSince: NOW - 4_000 } }), NOW);
  expect(gone?.because).toContainEqual({ kind: 'workers', id: 'celery@host-2' });
  expect(gone?.because).toContainEqual({ kind: 'hosts', id: 'host-2' });
});

test('a worker that is connected and consumes nothing is not found twice', () => {
  expect(find('WorkerNotConsuming', estate({ broker: { queues: [] } }))).toEqual([]);
});

test('tasks on a silent worker follow from its silence', () => {
  const [found] = ruleOf('TasksStuckOnSilentWorker').find(estate({ two: silent }), NOW);
  expect(found?.text).toBe('celery@host-2 had 2 tasks at work when it fell silent.');
  expect(found?.because).toContainEqual({ kind: 'celeryWorkers', id: 'celery@host-2' });
});

test('a clock that is behind is found too, and says what follows from that', () => {
  const [found] = ruleOf('WorkerClockSkewed').find(estate({ two: { clockSkewMs: -7_000 } }), NOW);
  expect(found?.text).toBe(
    'The clock of celery@host-2 is 7.0 s behind: it takes tasks and commands that have expired.',
  );
});
