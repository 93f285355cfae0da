import { expect, test } from 'vitest';
import { emptyModel, type Model } from '#lib/model/model.ts';
import { readingKey } from '#lib/model/reading.ts';
import { celeryWorkerStatus, ingestStatus } from '#lib/model/status.ts';
import type { IngestListener } from '#server/ingest/ingest.ts';
import type { IngestReport } from '#server/ingest/report.ts';
import { factsOf } from '#server/model/facts.ts';
import { answered, FIXTURE_AT, FIXTURE_CONTEXT } from '#server/sources/fixture.ts';
import { recordPush } from '#server/sources/push-recorder.ts';
import { celeryReduce } from './reduce.ts';
import { celerySource } from './source.ts';

const NOW = FIXTURE_AT + 1_000;
type State = IngestReport['ingest']['state'];

function report(state: State = 'consuming', worker: Partial<IngestReport['workers'][number]> = {}): IngestReport {
  return {
    ...{ at: FIXTURE_AT, seconds: [], changed: 0 },
    ingest: {
      ...{ id: 'trellis.events', mode: 'quorum', modeReason: null, canLose: 'Nothing.', state, since: 1, via: 'a:1' },
      ...{ problem: state === 'consuming' ? null : 'nobody listens on a:1', received: 5, rejected: {}, redelivered: 0 },
      ...{ skewed: 0, pending: 0, lagMessages: 0, lagMs: 5, eventsPerSecond: 1, missedTasks: 0 },
      ...{ backfilled: 0, orphaned: 0 },
    },
    workers: [
      {
        ...{ id: 'celery@host-1', heartbeatAt: FIXTURE_AT, heartbeatEveryMs: 2_000, state: 'online', since: 1, pid: 7 },
        ...{ active: 1, processed: 9, loadAverage: [1, 1, 1], software: 'py-celery 5.2.6', system: 'Linux' },
        ...{ clockSkewMs: 0, sendsTaskEvents: true, missedTasks: 0 },
        ...worker,
      },
    ],
  };
}

function setUp() {
  const listeners = new Set<IngestListener>();
  const ingest = {
    listen(listener: IngestListener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const [endpoint] = celerySource(ingest, 'trellis.events', () => FIXTURE_AT).endpoints;
  if (endpoint === undefined) throw new Error('no endpoint');
  const recorder = recordPush();
  endpoint.subscribe?.(recorder.report, new AbortController().signal);
  const say = (one: IngestReport) => {
    for (const listener of listeners) listener.onReport(one);
  };
  const fail = (message: string) => {
    for (const listener of listeners) listener.onFailure(message);
  };
  return { endpoint, recorder, say, fail, listeners };
}

test('a report becomes two readings; the endpoint asks nothing, and after close hears nothing', () => {
  const { endpoint, recorder, say, listeners } = setUp();
  say(report());
  expect(endpoint.probes).toEqual([]);
  expect(recorder.told.map(({ reading }) => reading)).toEqual(['intake', 'heartbeats']);
  expect(recorder.told[0]?.outcome).toMatchObject({ via: 'a:1', data: { received: 5 } });
  endpoint.close();
  expect(listeners.size).toBe(0);
});

test('an intake that hears nobody says nothing about workers: their reading fails, its own is answered', () => {
  const { recorder, say } = setUp();
  say(report('disconnected'));
  expect(recorder.told).toMatchObject([
    { reading: 'intake', outcome: { data: { state: 'disconnected' } } },
    { reading: 'heartbeats', outcome: { code: 'unreachable' } },
  ]);
});

test('a thread that crashed fails both', () => {
  const { recorder, fail } = setUp();
  fail('the ingest thread failed: out of memory');
  expect(recorder.told.map(({ outcome }) => outcome)).toEqual([{ code: 'internal' }, { code: 'internal' }]);
});

/** The model of one report. */
function modelOf(one: IngestReport): Model {
  const celery = (name: string, data: unknown) => answered('celery' as never, 'trellis.events', name, data);
  const latest = [celery('heartbeats', one.workers), celery('intake', one.ingest)];
  const readings = Object.fromEntries(latest.map(({ reading }) => [reading.key, reading]));
  return { ...emptyModel(), ...celeryReduce(latest, FIXTURE_CONTEXT), readings } as Model;
}

const factOf = (model: Model, code: string) => factsOf(model, NOW).find((fact) => fact.code === code)?.value;

test('workers get their host by the name after the @, with or without its domain, and the reading that tells them', () => {
  const hostOf = (id: string) => modelOf(report('consuming', { id })).celeryWorkers[id]?.host;
  expect(hostOf('celery@host-1')).toBe('host-1');
  expect(hostOf('w@host-2.shop.example')).toBe('host-2');
  expect(hostOf('celery@elsewhere')).toBeNull();
  const { celeryWorkers, ingests } = modelOf(report());
  expect(celeryWorkers['celery@host-1']?.by).toBe(readingKey('celery' as never, 'trellis.events', 'heartbeats'));
  expect(ingests['trellis.events']).toMatchObject({ mode: 'quorum', by: 'celery/trellis.events/intake' });
});

test.each([
  ['online', 'ok'],
  ['silent', 'down'],
  ['offline', 'down'],
] as const)('a worker that is %s is %s, and that is a fact', (state, status) => {
  const model = modelOf(report('consuming', { state }));
  const worker = model.celeryWorkers['celery@host-1'];
  expect(worker && celeryWorkerStatus(worker, model, NOW).status).toBe(status);
  expect(factOf(model, 'CeleryWorkerState')).toBe(state);
});

test('old news about a worker is neither green nor a fact', () => {
  const model = modelOf(report());
  const worker = model.celeryWorkers['celery@host-1'];
  expect(worker && celeryWorkerStatus(worker, model, NOW + 20_000).status).toBe('stale');
  expect(factsOf(model, NOW + 20_000).every(({ value, code }) => value === null || code === 'EndpointAnswers')).toBe(
    true,
  );
});

test('a gap is told by its magnitude, and not of workers that send no task events', () => {
  const gap = (missedTasks: number, sendsTaskEvents = true) =>
    factOf(modelOf(report('consuming', { missedTasks, sendsTaskEvents })), 'CeleryWorkerGap');
  expect([0, 1, 5, 7, 8, 1_000].map((count) => gap(count))).toEqual(['0', '1', '4', '4', '8', '512']);
  expect(gap(5, false)).toBeNull();
});

test.each([
  ['consuming', 'ok', 'consuming'],
  ['disconnected', 'down', 'disconnected'],
  ['storing-fails', 'down', 'storing-fails'],
  ['connecting', 'unknown', null],
] as const)('an intake that is %s is %s', (state, status, fact) => {
  const model = modelOf(report(state));
  const ingest = model.ingests['trellis.events'];
  expect(ingest && ingestStatus(ingest, model, NOW).status).toBe(status);
  expect(factOf(model, 'IngestState')).toBe(fact);
});
