import { expect, test } from 'vitest';
import type { Task } from '#lib/model/task.ts';
import { createDurations } from './durations.ts';
import { mergeTask, type TaskChange, taskOf } from './merge.ts';
import { createThroughput } from './throughput.ts';

const AT = 1_000_000;
type Change = { before: Task | null; after: Task };

function event(type: TaskChange['event']['type'], at: number, fields: TaskChange['fields'] = {}): TaskChange {
  const by = type === 'sent' ? 'gen1@web' : 'celery@host-1';
  return { id: 't', event: { type, at, by, pid: 7, note: null, retries: null }, fields };
}

/** What each of these events changes, one commit each. */
function changesOf(...events: TaskChange[]): Change[] {
  const changes: Change[] = [];
  let record: ReturnType<typeof mergeTask> | null = null;
  for (const one of events) {
    const next = mergeTask(record, [one]);
    if (next !== record) changes.push({ before: record === null ? null : taskOf(record), after: taskOf(next) });
    record = next;
  }
  return changes;
}

const WHOLE = [
  event('sent', AT - 500, { name: 'shop.pay', queue: 'celery' }),
  event('received', AT - 400),
  event('started', AT - 300),
  event('succeeded', AT - 200, { runtimeMs: 100 }),
];

test('a task counts once in each of its steps, by the second in which Trellis learned it', () => {
  const throughput = createThroughput(AT);
  throughput.add(changesOf(...WHOLE), AT + 100);
  expect(throughput.take(AT + 999)).toEqual([]);
  expect(throughput.take(AT + 1_000)).toMatchObject([
    {
      ...{ at: AT, sent: 1, received: 1, started: 1, succeeded: 1, failed: 0, retried: 0, revoked: 0 },
      ...{ names: { 'shop.pay': 1 }, queues: { celery: 1 }, workers: { 'celery@host-1': 1 } },
    },
  ]);
});

test('the same events again change no figure', () => {
  const throughput = createThroughput(AT);
  throughput.add(changesOf(...WHOLE, ...WHOLE), AT);
  expect(throughput.take(AT + 1_000)).toMatchObject([{ sent: 1, started: 1, succeeded: 1 }]);
});

test('an event that comes after the end ends the task no second time', () => {
  const throughput = createThroughput(AT);
  const [sent, received, started, succeeded] = WHOLE as [TaskChange, TaskChange, TaskChange, TaskChange];
  throughput.add(changesOf(started, succeeded, received, sent), AT);
  expect(throughput.take(AT + 1_000)).toMatchObject([{ sent: 1, received: 1, started: 1, succeeded: 1 }]);
});

test('retries and failures count apart from successes', () => {
  const throughput = createThroughput(AT);
  const story = [...WHOLE.slice(0, 3), event('retried', AT - 200), event('started', AT - 100), event('failed', AT)];
  throughput.add(changesOf(...story), AT);
  expect(throughput.take(AT + 1_000)).toMatchObject([{ started: 1, retried: 1, failed: 1, succeeded: 0 }]);
});

test('canaries are left out', () => {
  const throughput = createThroughput(AT);
  throughput.add(changesOf(event('sent', AT, { canary: true }), ...WHOLE.slice(1)), AT);
  expect(throughput.take(AT + 1_000)).toMatchObject([{ sent: 0, succeeded: 0, names: {} }]);
});

test('every second is told once, those without events too, and after a long sleep only the last minute', () => {
  const throughput = createThroughput(AT);
  expect(throughput.take(AT + 3_200).map(({ at }) => at)).toEqual([AT, AT + 1_000, AT + 2_000]);
  expect(throughput.take(AT + 3_900)).toEqual([]);
  expect(throughput.take(AT + 3_600_000)).toHaveLength(60);
});

test('a clock that is set back neither tells a second twice nor loses what was counted', () => {
  const throughput = createThroughput(AT);
  throughput.take(AT + 5_000);
  throughput.add(changesOf(...WHOLE), AT + 2_000);
  expect(throughput.take(AT + 3_000)).toEqual([]);
  expect(throughput.take(AT + 6_000)).toMatchObject([{ at: AT + 5_000, succeeded: 1 }]);
});

test('of many names the fifty most frequent are told', () => {
  const throughput = createThroughput(AT);
  const [, , , last] = changesOf(...WHOLE) as [Change, Change, Change, Change];
  for (let name = 0; name < 60; name += 1) {
    const named = { ...last, after: { ...last.after, name: `task-${name}` } };
    throughput.add(name === 59 ? [named, named] : [named], AT);
  }
  const [second] = throughput.take(AT + 1_000);
  expect(Object.keys(second?.names ?? {})).toHaveLength(50);
  expect(second?.names['task-59']).toBe(2);
});

test('quantiles are within a tenth of the truth, from microseconds to days', () => {
  for (const scale of [0.2, 3, 1_000, 86_400_000]) {
    const durations = createDurations();
    for (let i = 1; i <= 1_000; i += 1) durations.add((scale * i) / 1_000);
    for (const share of [0.5, 0.95]) {
      const exact = Math.max(scale * share, 0.1);
      expect(Math.abs((durations.quantile(share) ?? 0) - exact) / exact, `${scale} ${share}`).toBeLessThan(0.1);
    }
  }
  expect(createDurations().quantile(0.5)).toBeNull();
});
