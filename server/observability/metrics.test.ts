import { expect, test } from 'vitest';
import type { CeleryWorker, Ingest } from '#lib/model/celery.ts';
import type { Finding } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import { workersOf } from '#lib/model/queues.ts';
import type { Reading } from '#lib/model/reading.ts';
import type { WorkerConfig } from '#lib/model/worker-config.ts';
import { changed, NOW, replicated, SILENCE_MS, silent, toldEstate } from '#server/sources/told-estate.ts';
import { exposition } from './exposition.ts';
import { readExposition } from './exposition-text.ts';
import { estateFamilies } from './metrics.ts';

const BY = 'celery/events/intake';
const SELF = { instance: 'me', estate: 'lab', startedAt: 1_000, clients: 2 };

const WORKER: CeleryWorker = {
  ...{ id: 'celery@host-1', host: 'host-1', heartbeatAt: NOW, heartbeatEveryMs: 2_000, state: 'online', since: 0 },
  ...{ pid: 1, active: 3, processed: 9, loadAverage: null, software: null, system: null, clockSkewMs: null },
  ...{ sendsTaskEvents: true, missedTasks: 0, by: BY },
};
const INGEST: Ingest = {
  ...{ id: 'trellis.events', mode: 'quorum', modeReason: null, canLose: 'nothing', state: 'consuming', since: 0 },
  ...{ via: null, problem: null, received: 100, rejected: { 'not-json': 2 }, redelivered: 1, skewed: 0, pending: 5 },
  ...{ lagMessages: null, lagMs: 1_500, eventsPerSecond: 20, missedTasks: 7, backfilled: 4 },
  ...{ orphaned: 1, by: BY },
};

/** The lab with its workers' heartbeats and its intake. */
function estate(workers: readonly CeleryWorker[] = [WORKER]): Model {
  const model = toldEstate();
  const like = Object.values(model.readings)[0] as Reading;
  const reading = { ...like, key: BY, endpoint: 'events', name: 'intake' };
  return {
    ...model,
    readings: { ...model.readings, [BY]: reading },
    celeryWorkers: Object.fromEntries(workers.map((worker) => [worker.id, worker])),
    ingests: { [INGEST.id]: INGEST },
  };
}

function read(model: Model, now = NOW) {
  return readExposition(exposition(estateFamilies(model, SELF, now)));
}

/** The series of a metric, as `label=value,… value`. */
function series(model: Model, name: string, now = NOW): string[] {
  return read(model, now)
    .lines.filter((line) => line.name === name)
    .map(({ labels, value }) => `${Object.entries(labels).map((pair) => pair.join('='))} ${value}`);
}

test('roles are told by name: who leads, who is master, who holds the lock', () => {
  const model = estate();
  expect(series(model, 'trellis_queue_leader_info')).toContain('vhost=/,queue=celery,node=rabbit-2@host-2 1');
  expect(series(model, 'trellis_redis_master_info')).toEqual(['service=results,address=127.0.1.2:6379 1']);
  expect(series(model, 'trellis_lock_holder_info')).toEqual(['lock=beat,holder=host-2 1']);
});

test('queues tell what waits in them and how many copies could take over', () => {
  const untold = estate();
  expect(series(untold, 'trellis_queue_messages')).toEqual([]);
  const by = untold.queues['/:celery']?.by ?? '';
  const model = changed(untold, 'queues', '/:celery', { figuresBy: by });
  expect(series(model, 'trellis_queue_messages')).toEqual(
    expect.arrayContaining(['vhost=/,queue=celery,state=ready 10', 'vhost=/,queue=celery,state=unacknowledged 2']),
  );
  expect(series(model, 'trellis_queue_redundancy')).toContain('vhost=/,queue=celery 2');
  expect(series(model, 'celery_queue_length')).toContain('queue_name=celery 10');
  expect(series(model, 'celery_active_worker_count')).toContain('queue_name=celery 3');
  expect(series(replicated(model, { inSync: null }), 'trellis_queue_redundancy')).toEqual([]);
  expect(series(replicated(model, { leader: null }), 'trellis_queue_leader_info')).toEqual([]);
});

test('processes of a queue are told where each of its workers told its own, and the same process still runs', () => {
  const bare = estate();
  const consumers = workersOf({ name: 'celery' }, bare.workers);
  const model = estate(consumers.map(({ id }) => ({ ...WORKER, id })));
  const told = (configs: readonly Partial<WorkerConfig>[]) => {
    const workerConfigs = Object.fromEntries(
      consumers.map(({ id }, i) => [id, { id, pid: 1, by: BY, ...configs[i] } as WorkerConfig]),
    );
    return series({ ...model, workerConfigs }, 'celery_active_process_count').filter((one) => one.includes('=celery '));
  };
  expect(told([{ processes: 4 }, { processes: 2 }, { processes: 3 }])).toEqual(['queue_name=celery 9']);
  expect(told([{ processes: 4 }, { processes: 2 }, { processes: null }])).toEqual([]);
  expect(told([{ processes: 4 }, { processes: 2 }, { processes: 3, pid: 2 }])).toEqual([]);
  expect(series(model, 'celery_active_process_count')).toEqual([]);
});

test('what is stale is absent, in every metric that speaks of the estate', () => {
  const stale = read(silent(estate(), () => true));
  const names = new Set(stale.lines.map(({ name }) => name));
  const always = ['trellis_info', 'trellis_start_time_seconds', 'trellis_stream_clients', 'trellis_queues_left_out'];
  expect([...names].sort()).toEqual([...always, 'trellis_source_age_seconds'].sort());
  expect(Object.keys(stale.types)).toEqual(Object.keys(read(estate()).types));
});

test('the age of a source grows while it is silent', () => {
  const [age] = series(
    silent(estate(), (key) => key === BY),
    'trellis_source_age_seconds',
  ).filter((one) => one.includes('endpoint=events'));
  expect(age).toMatch(new RegExp(` ${SILENCE_MS / 1_000}$`));
});

test('a worker whose heartbeats stopped is 0, and absent after ten minutes', () => {
  const gone: CeleryWorker = { ...WORKER, state: 'silent', since: NOW - 599_999 };
  expect(series(estate(), 'flower_worker_online')).toEqual(['worker=celery@host-1 1']);
  expect(series(estate(), 'celery_worker_up')).toEqual(['hostname=host-1 1']);
  expect(series(estate(), 'celery_worker_tasks_active')).toEqual(['hostname=host-1 3']);
  expect(series(estate([gone]), 'flower_worker_online')).toEqual(['worker=celery@host-1 0']);
  expect(series(estate([gone]), 'celery_worker_up')).toEqual(['hostname=host-1 0']);
  expect(series(estate([gone]), 'celery_worker_tasks_active')).toEqual([]);
  expect(series(estate([gone]), 'flower_worker_number_of_currently_executing_tasks')).toEqual([]);
  const longGone = { ...gone, since: NOW - 600_000 };
  expect(series(estate([longGone]), 'flower_worker_online')).toEqual([]);
});

test('two workers of one host are one in celery-exporter’s dialect: up while one is, with the tasks of both', () => {
  const model = estate([
    WORKER,
    { ...WORKER, id: 'b@host-1', state: 'offline' },
    { ...WORKER, id: 'c@host-1', active: 2 },
  ]);
  expect(series(model, 'celery_worker_up')).toEqual(['hostname=host-1 1']);
  expect(series(model, 'celery_worker_tasks_active')).toEqual(['hostname=host-1 5']);
});

test('the intake tells what it received, what it refused and what it never saw', () => {
  const model = estate();
  expect(series(model, 'trellis_event_gap_total')).toEqual(['queue=trellis.events 7']);
  expect(series(model, 'trellis_ingest_rejected_total')).toEqual(['queue=trellis.events,reason=not-json 2']);
  expect(series(model, 'trellis_ingest_lag_seconds')).toEqual(['queue=trellis.events 1.5']);
  expect(series(model, 'trellis_ingest_lag_messages')).toEqual([]);
  expect(series(model, 'trellis_ingest_up')).toEqual(['queue=trellis.events 1']);
  const storing = changed(model, 'ingests', INGEST.id, { state: 'storing-fails' });
  expect(series(storing, 'trellis_ingest_up')).toEqual(['queue=trellis.events 0']);
});

test('findings are counted by code and severity while somebody can tell that they are so', () => {
  const finding = (id: string, lastSeen: number | null): Finding => ({
    ...{ id, code: 'NoStandbyBeat', severity: 'warning', posture: false, subject: { kind: 'locks', id }, host: null },
    ...{ text: '', evidence: [], advice: { text: '', command: null }, since: 0, lastSeen, root: null },
    acknowledged: null,
  });
  const model = { ...estate(), findings: { a: finding('a', null), b: finding('b', null), c: finding('c', 5) } };
  expect(series(model, 'trellis_finding')).toEqual(['code=NoStandbyBeat,severity=warning 2']);
});

test('of ten thousand queues a thousand are told, the impaired first, and the rest is counted', () => {
  const model = estate();
  const one = model.queues['/:celery'] as Model['queues'][string];
  const queues = Array.from({ length: 10_000 }, (_, i) => ({ ...one, id: `/:q${i}`, name: `q${i}` }));
  const worst = { ...one, id: '/:zzz', name: 'zzz', replication: { ...one.replication, leader: null } };
  const many = { ...model, queues: Object.fromEntries([...queues, worst].map((queue) => [queue.id, queue])) };
  expect(series(many, 'trellis_queue_redundancy')).toHaveLength(1_000);
  expect(series(many, 'trellis_queue_redundancy')[0]).toContain('queue=zzz');
  expect(series(many, 'trellis_queues_left_out')).toEqual([' 9001']);
});
