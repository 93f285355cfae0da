/** What `/api/v1/throughput` tells: minutes by the hub's seconds, a week by the counts of the stored tasks. */
import { expect, test } from 'vitest';
import { ANSWERS } from '#lib/contract/openapi-answers.ts';
import type { TaskActivity, TaskFilter, ThroughputSecond } from '#lib/contract/tasks.ts';
import { throughputQuerySchema } from '#lib/contract/throughput.ts';
import { THROUGHPUT_RANGES, THROUGHPUT_SPLITS } from '#lib/model/throughput.ts';
import { minutesOf, throughputResponse, weekOf } from './throughput-answer.ts';

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;
const BAR = 2 * HOUR;

function second(i: number): ThroughputSecond {
  return {
    ...{ at: NOW - 3_600_000 + i * 1_000, sent: 0, received: 4, started: 4, succeeded: 3, failed: 0, retried: 0 },
    ...{ revoked: 0, runtimeP50: 20, runtimeP95: 90, waitP50: 5, waitP95: 50 },
    ...{ names: { add: 2 }, queues: { celery: 3 }, workers: { 'w1@h': 1 } },
  };
}
const SECONDS = Array.from({ length: 3_600 }, (_, i) => second(i));

/** A store with bars of two hours; of each filter one count for every bar. */
function store(oldestAt: number | null, countOf: (filter: TaskFilter) => number) {
  const asked: { from: number; to: number; buckets: number }[] = [];
  return {
    asked,
    stats: async () => ({ tasks: 1, bytes: 1, freeBytes: 0, oldestAt, newestAt: oldestAt }),
    largest: async () => ['often', 'seldom'],
    async activity(filter: TaskFilter, range: { from: number; to: number; buckets: number }): Promise<TaskActivity> {
      asked.push(range);
      const first = Math.floor(range.from / BAR) * BAR;
      const at = Array.from({ length: Math.floor((range.to - first) / BAR) + 1 }, (_, i) => first + i * BAR);
      const received = at.map(() => countOf(filter));
      const none = at.map(() => null);
      return {
        ...{ now: NOW, from: first, to: range.to, bucketMs: BAR, at, received, succeeded: received, failed: received },
        ...{ retried: received, runtimeP50: none, runtimeP95: none, waitP50: none, waitP95: none },
      };
    },
  };
}

const byFilter = ({ name, state }: TaskFilter) =>
  name?.[0] === 'often' ? 3_600 : name?.[0] === 'seldom' ? 720 : state === undefined ? 7_200 : 72;

test('an answer is what the API says it is, for every range and split', async () => {
  const hub = { seconds: SECONDS } as never;
  for (const range of THROUGHPUT_RANGES)
    for (const by of THROUGHPUT_SPLITS) {
      const response = await throughputResponse({ hub }, store(NOW - 50 * HOUR, byFilter), { range, by }, NOW);
      const told = ANSWERS.throughput.strict().parse(await response.json());
      expect(told).toMatchObject({ now: NOW, range, by, countedAt: range === '7d' ? 'begin' : 'event' });
      expect(told.at.length).toBeGreaterThan(1);
      expect(told.at.length).toBeLessThanOrEqual(120);
      expect(told.lines.length).toBeGreaterThan(0);
      for (const { values } of told.lines) expect(values).toHaveLength(told.at.length);
      for (const line of ['runtimeP50', 'runtimeP95', 'waitP50', 'waitP95'] as const)
        expect(told[line]).toHaveLength(told.at.length);
    }
});

test('without parameters ten minutes by state are meant; what is unknown is refused', () => {
  expect(throughputQuerySchema.parse({})).toEqual({ range: '10m', by: 'state' });
  for (const wrong of [{ range: '2h' }, { by: 'host' }, { name: 'add' }])
    expect(throughputQuerySchema.safeParse(wrong).success).toBe(false);
});

test('minutes are told by what became of tasks, or by who did how many of those that ended', () => {
  const byState = minutesOf(SECONDS, '10m', 'state', NOW);
  expect(byState.lines.map(({ of, values }) => [of, values.at(-1)])).toEqual([
    ['received', 4],
    ['succeeded', 3],
    ['failed', 0],
    ['retried', 0],
    ['revoked', 0],
  ]);
  const byName = minutesOf(SECONDS, '1h', 'name', NOW);
  expect(byName.lines.map(({ of, values }) => [of, values.at(-1)])).toEqual([
    ['add', 2],
    [null, 1],
  ]);
  expect([byName.at.length, byName.runtimeP95.at(-1), byName.waitP50.at(-1)]).toEqual([120, 90, 5]);
});

test('of a week the others are what all have besides the largest, as tasks a second', async () => {
  const { lines } = await weekOf(store(NOW - 400 * HOUR, byFilter), 'name', NOW);
  expect(lines.map(({ of, values }) => [of, values[0]])).toEqual([
    ['often', 0.5],
    ['seldom', 0.1],
    [null, 0.4],
  ]);
});

test('of a week by state the revoked are those that began then, too', async () => {
  const { lines } = await weekOf(store(NOW - 400 * HOUR, byFilter), 'state', NOW);
  expect(lines.map(({ of, values }) => [of, values[0]])).toEqual([
    ...['received', 'succeeded', 'failed', 'retried'].map((of) => [of, 1]),
    ['revoked', 0.01],
  ]);
});

test('the newest point counts the time that has passed of it, not the time to come', async () => {
  const now = NOW + HOUR / 2;
  const { at, lines } = await weekOf(store(NOW - 400 * HOUR, byFilter), 'state', now);
  expect(at.at(-1)).toBe(NOW);
  expect(lines[0]?.values.slice(-2)).toEqual([1, 4]);
});

test('before the oldest task that is kept there is a gap, never a zero; without any task there is nothing', async () => {
  const young = store(NOW - HOUR / 2, () => 0);
  const told = await weekOf(young, 'state', NOW);
  // Never so short that points would be shorter than the minutes that are counted.
  expect(young.asked[0]).toEqual({ from: NOW - 2 * HOUR, to: NOW, buckets: 120 });
  expect(told.lines[0]?.values).toEqual([0, 0]);
  const younger = await weekOf(
    store(NOW + 1, () => 0),
    'state',
    NOW,
  );
  expect(younger.lines[0]?.values[0]).toBeNull();
  expect((await weekOf(store(null, byFilter), 'name', NOW)).at).toEqual([]);
});

test('a week is asked for as far back as tasks are kept', async () => {
  const [long, short] = [store(0, byFilter), store(NOW - 50 * HOUR, byFilter)];
  await Promise.all([weekOf(long, 'name', NOW), weekOf(short, 'name', NOW)]);
  expect(new Set(long.asked.map(({ from }) => NOW - from))).toEqual(new Set([168 * HOUR]));
  expect(new Set(short.asked.map(({ from }) => NOW - from))).toEqual(new Set([50 * HOUR]));
});
