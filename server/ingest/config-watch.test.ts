/** Whom the watch of set-ups asks, how often, and what becomes of answers that do not come. */
import { expect, test } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { type ConfigsPayload, startConfigWatch } from './config-watch.ts';

type Worker = { id: string; pid: number; state: 'online' | 'silent'; software: string };
const worker = (n: number, pid = n): Worker => ({ id: `w${n}@h`, pid, state: 'online', software: 'py-celery 5.2.6' });

function setUp(workers: Worker[], silent = new Set<string>()) {
  const clock = manualClock(1_000);
  const asked: string[][] = [];
  let fails = false;
  const watch = startConfigWatch({
    workers: () => workers,
    clock,
    async inspect(method, { workers: asking }) {
      if (method === 'conf') asked.push([...asking]);
      if (fails) throw new Error('nobody listens');
      const said = method === 'conf' ? { task_acks_late: true } : { pid: 7 };
      return Object.fromEntries(asking.filter((id) => !silent.has(id)).map((id) => [id, said]));
    },
  });
  const told: ConfigsPayload[] = [];
  watch.listen((configs) => told.push(configs));
  const pass = async (ms: number) => {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const fail = (one: boolean) => {
    fails = one;
  };
  return { workers, asked, told, watch, pass, fail };
}

test('a worker is asked once when it is new, again when its process is another, and hourly', async () => {
  const { workers, asked, told, pass } = setUp([worker(1)]);
  await pass(5_000);
  expect(told).toMatchObject([[{ id: 'w1@h', pid: 7, acksLate: true, celeryVersion: '5.2.6' }]]);
  await pass(5_000);
  expect(asked).toHaveLength(1);
  workers[0] = worker(1, 99);
  await pass(5_000);
  expect(asked).toHaveLength(2);
  for (let passed = 0; passed < 3_600_000; passed += 5_000) await pass(5_000);
  expect(asked).toHaveLength(3);
});

test('one that does not answer is asked again a minute later, not at once', async () => {
  const silent = new Set(['w1@h']);
  const { asked, told, pass } = setUp([worker(1), { ...worker(2), state: 'silent' }], silent);
  await pass(5_000);
  await pass(5_000);
  expect([asked, told]).toEqual([[['w1@h']], []]);
  silent.clear();
  for (let n = 0; n < 12; n++) await pass(5_000);
  expect(asked).toHaveLength(2);
  expect(told).toHaveLength(1);
});

test('a broker that cannot be reached ends nothing; many are asked a few at a time', async () => {
  const { asked, told, pass, fail } = setUp(Array.from({ length: 45 }, (_, n) => worker(n)));
  fail(true);
  await pass(5_000);
  fail(false);
  for (let n = 0; n < 15; n++) await pass(5_000);
  expect(Math.max(...asked.map(({ length }) => length))).toBe(20);
  expect(told.at(-1)).toHaveLength(45);
});

test('one whose name is gone is forgotten, and a stopped watch asks nobody', async () => {
  const { workers, asked, told, watch, pass } = setUp([worker(1), worker(2)]);
  await pass(5_000);
  workers.pop();
  await pass(5_000);
  expect(told.map((configs) => configs.map(({ id }) => id))).toEqual([['w1@h', 'w2@h'], ['w1@h']]);
  watch.stop();
  workers.push(worker(3));
  await pass(60_000);
  expect(asked).toHaveLength(1);
});

test('who listens late is told what is known', async () => {
  const { watch, pass } = setUp([worker(1)]);
  await pass(5_000);
  const late: ConfigsPayload[] = [];
  watch.listen((configs) => late.push(configs))();
  expect(late).toHaveLength(1);
});
