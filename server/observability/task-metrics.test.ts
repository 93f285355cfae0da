import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Task } from '#lib/model/task.ts';
import type { TaskTimes, Written } from '#server/history/tasks/store.ts';
import { exposition } from './exposition.ts';
import { type ReadLine, readExposition } from './exposition-text.ts';
import { createTaskMetrics, type TaskMetrics } from './task-metrics.ts';

const FLOWER = readFileSync(join(import.meta.dirname, 'fixtures/flower-2.1.0/metrics.txt'), 'utf8');

const PUBLISHED: Task = {
  ...{ id: 't', name: 'app.add', state: 'PENDING', worker: null, queue: 'celery', args: null, kwargs: null },
  ...{ result: null, exception: null, sentAt: 1_000, receivedAt: null, startedAt: null, finishedAt: null, at: 1_000 },
  ...{ runtimeMs: null, waitMs: null, retries: 0, redeliveries: 0, eta: null, expires: null, rootId: null },
  ...{ parentId: null, groupId: null, canary: false, endedBy: null },
};
const RECEIVED: Task = { ...PUBLISHED, state: 'RECEIVED', worker: 'celery@host-1', receivedAt: 1_100 };
const STARTED: Task = { ...RECEIVED, state: 'STARTED', startedAt: 1_300, waitMs: 300 };
const DONE: Task = { ...STARTED, state: 'SUCCESS', finishedAt: 1_320, runtimeMs: 20 };
const FAILED: Task = { ...STARTED, state: 'FAILURE', finishedAt: 1_320, exception: "ValueError('x')" };

/** What one task went through, each step a commit. */
function through(metrics: TaskMetrics, ...steps: readonly Task[]): void {
  let before: TaskTimes | null = null;
  for (const after of steps) {
    metrics.add([{ before, after }]);
    before = after;
  }
}

function read(metrics: TaskMetrics) {
  return readExposition(exposition(metrics.snapshot()));
}

function counted(metrics: TaskMetrics): Record<string, number> {
  return Object.fromEntries(
    read(metrics)
      .lines.filter(({ name }) => /^celery_task_\w+_total$/.test(name))
      .map(({ name, value }) => [name.slice('celery_task_'.length, -'_total'.length), value]),
  );
}

function valueOf(metrics: TaskMetrics, name: string, labels: Record<string, string>): number | undefined {
  const fits = (line: ReadLine) => Object.entries(labels).every(([label, value]) => line.labels[label] === value);
  return read(metrics).lines.find((line) => line.name === name && fits(line))?.value;
}

test('metrics that Flower 2.1.0 recorded have the same names, types, words, labels and buckets here', () => {
  const metrics = createTaskMetrics();
  through(metrics, PUBLISHED, RECEIVED, STARTED, DONE);
  const flower = readExposition(FLOWER);
  const ours = read(metrics);
  expect(ours.types).toMatchObject(flower.types);
  expect(ours.helps).toMatchObject(flower.helps);
  const shape = ({ labels }: ReadLine) => Object.keys(labels).sort().join();
  for (const name of new Set(flower.lines.map((line) => line.name))) {
    const shapes = (lines: readonly ReadLine[]) => [...new Set(lines.filter((line) => line.name === name).map(shape))];
    expect(shapes(ours.lines), name).toEqual(shapes(flower.lines));
    const bounds = (lines: readonly ReadLine[]) => [
      ...new Set(lines.filter((line) => line.name === name).map(({ labels }) => labels.le)),
    ];
    expect(bounds(ours.lines), name).toEqual(bounds(flower.lines));
  }
});

test('what Flower counted of a worker is counted alike', () => {
  const metrics = createTaskMetrics();
  const as = { name: 'ptasks.add', worker: 'w2@h1', sentAt: null };
  for (let i = 0; i < 337; i++) through(metrics, { ...RECEIVED, ...as }, { ...STARTED, ...as }, { ...DONE, ...as });
  const recorded = readExposition(FLOWER).lines.filter(
    ({ labels, name }) =>
      name === 'flower_events_total' &&
      labels.worker === 'w2@h1' &&
      labels.task === 'ptasks.add' &&
      labels.type !== 'task-revoked',
  );
  expect(recorded).toHaveLength(3);
  expect(read(metrics).lines).toEqual(expect.arrayContaining(recorded));
});

test('a task is counted once whether its events come one by one, together, or again', () => {
  const [slow, fast] = [createTaskMetrics(), createTaskMetrics()];
  through(slow, PUBLISHED, RECEIVED, STARTED, STARTED, DONE, DONE);
  through(fast, DONE);
  const once = { sent: 1, received: 1, started: 1, succeeded: 1 };
  expect(counted(slow)).toEqual(once);
  expect(counted(fast)).toEqual(once);
  expect(read(fast).lines).toEqual(expect.arrayContaining(read(slow).lines));
});

test('every retry is one more publication, reception and start', () => {
  const metrics = createTaskMetrics();
  const retry: Task = { ...STARTED, state: 'RETRY', retries: 1 };
  const again: Task = { ...RECEIVED, retries: 1, startedAt: 1_300, waitMs: 300 };
  through(metrics, STARTED, retry, again, { ...again, state: 'STARTED' }, { ...FAILED, retries: 1 });
  expect(counted(metrics)).toEqual({ sent: 2, received: 2, started: 2, retried: 1, failed: 1 });
  const together = createTaskMetrics();
  through(together, { ...FAILED, retries: 1 });
  expect(counted(together)).toEqual(counted(metrics));
});

test('labels are celery-exporter’s: host without prefix, a generic publisher, the class of the exception', () => {
  const metrics = createTaskMetrics();
  through(metrics, FAILED, { ...FAILED, id: 'u' });
  through(metrics, { ...FAILED, exception: null });
  const lines = read(metrics).lines.filter(({ name }) => /task_(sent|failed)_total/.test(name));
  const base = { name: 'app.add', queue_name: 'celery' };
  expect(lines).toEqual([
    { name: 'celery_task_sent_total', labels: { ...base, hostname: 'generic' }, value: 2 },
    { name: 'celery_task_failed_total', labels: { ...base, hostname: 'host-1', exception: 'ValueError' }, value: 1 },
    {
      name: 'celery_task_failed_total',
      labels: { ...base, hostname: 'host-1', exception: 'UnknownException' },
      value: 1,
    },
  ]);
});

test('runtime and wait are told in seconds, in buckets that add up', () => {
  const metrics = createTaskMetrics();
  through(metrics, DONE);
  through(metrics, { ...DONE, runtimeMs: 60_000 });
  expect(valueOf(metrics, 'celery_task_runtime_bucket', { le: '0.01' })).toBe(0);
  expect(valueOf(metrics, 'celery_task_runtime_bucket', { le: '0.025' })).toBe(1);
  expect(valueOf(metrics, 'celery_task_runtime_bucket', { le: '10.0' })).toBe(1);
  expect(valueOf(metrics, 'celery_task_runtime_bucket', { le: '+Inf' })).toBe(2);
  expect(valueOf(metrics, 'flower_task_runtime_seconds_sum', {})).toBeCloseTo(60.02);
  expect(valueOf(metrics, 'celery_task_queue_wait_time_sum', {})).toBeCloseTo(0.6);
});

test('what a worker holds without running it is a gauge that falls again', () => {
  const metrics = createTaskMetrics();
  const labels = { worker: 'celery@host-1', task: 'app.add' };
  through(metrics, RECEIVED);
  through(metrics, RECEIVED, STARTED);
  expect(valueOf(metrics, 'flower_worker_prefetched_tasks', labels)).toBe(1);
  expect(valueOf(metrics, 'flower_task_prefetch_time_seconds', labels)).toBe(0.2);
  metrics.add([{ before: RECEIVED, after: DONE }]);
  expect(valueOf(metrics, 'flower_worker_prefetched_tasks', labels)).toBe(0);
  expect(valueOf(metrics, 'flower_task_prefetch_time_seconds', labels)).toBe(0);
});

test('canaries are not counted', () => {
  const metrics = createTaskMetrics();
  through(metrics, { ...DONE, canary: true });
  expect(read(metrics).lines).toEqual([]);
});

test('names without end make no more than 5,000 series, and every task is counted somewhere', () => {
  const metrics = createTaskMetrics();
  for (let i = 0; i < 20_000; i++) {
    const task = i % 2 === 0 ? DONE : { ...FAILED, exception: `E${i}('x')` };
    through(metrics, { ...task, name: `app.n${i % 9_000}`, worker: `celery@pod-${i % 700}` });
  }
  const { lines } = read(metrics);
  const others = lines.filter(({ labels }) => Object.values(labels).includes('_other'));
  expect(others.length).toBeLessThan(100);
  expect(lines.length - others.length).toBeLessThanOrEqual(5_000);
  const sum = (name: string) => lines.filter((line) => line.name === name).reduce((all, { value }) => all + value, 0);
  expect(sum('celery_task_succeeded_total')).toBe(10_000);
  expect(sum('celery_task_failed_total')).toBe(10_000);
  expect(sum('celery_task_runtime_count')).toBe(10_000);
  expect(sum('flower_events_total')).toBe(80_000);
});

test('the series of a worker that has been gone for ten minutes go, and make room for others', () => {
  const metrics = createTaskMetrics();
  const old = Array.from({ length: 400 }, (_, i) => ({ ...DONE, name: `app.n${i}`, worker: 'celery@old' }));
  const changed: Written['changed'] = old.map((after) => ({ before: null, after }));
  metrics.add(changed);
  through(metrics, DONE);
  const here = { name: 'app.add', hostname: 'host-1' };
  expect(valueOf(metrics, 'celery_task_succeeded_total', here)).toBeUndefined();
  const gone = { id: 'celery@old', state: 'silent', since: 0 } as const;
  metrics.purge([gone], 599_999);
  metrics.purge([{ ...gone, state: 'online' }], 600_000);
  expect(valueOf(metrics, 'flower_events_total', { worker: 'celery@old' })).toBe(1);
  metrics.purge([gone], 600_000);
  expect(valueOf(metrics, 'flower_events_total', { worker: 'celery@old' })).toBeUndefined();
  through(metrics, DONE);
  expect(valueOf(metrics, 'celery_task_succeeded_total', here)).toBe(1);
  expect(valueOf(metrics, 'celery_task_runtime_count', here)).toBe(1);
});

test('two workers of one host from one queue are one series in celery-exporter’s dialect', () => {
  const metrics = createTaskMetrics();
  through(metrics, { ...DONE, worker: 'a@host-1' });
  through(metrics, { ...DONE, worker: 'b@host-1' });
  expect(valueOf(metrics, 'celery_task_succeeded_total', { hostname: 'host-1' })).toBe(2);
  expect(valueOf(metrics, 'celery_task_runtime_count', { hostname: 'host-1' })).toBe(2);
});
