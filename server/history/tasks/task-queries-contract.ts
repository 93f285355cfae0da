/** What every store of tasks must answer: lists, searches and figures. A part of `task-store-contract.ts`. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TaskFilter, TaskSort } from '#lib/contract/tasks.ts';
import { TASK_STATES } from '#lib/model/task.ts';
import { mergeTask, type TaskChange, taskOf } from '#server/ingest/merge.ts';
import { change, lifeOf, manyTasks, NOW, T0, wantedBy } from './store-cases.ts';
import type { UsedStore } from './used-store-contract.ts';

/** The questions of the battery. */
export function describeTaskQueries(at: UsedStore): void {
  const { query, list, ids, pages } = at;

  describe('lists', () => {
    test('give what matches and nothing else, in order, in pages that join without a gap or a repetition', async () => {
      const changes = manyTasks(400);
      for (let i = 0; i < changes.length; i += 150) at.writer.write(changes.slice(i, i + 150), []);
      const all = [...Map.groupBy(changes, ({ id }) => id).values()].map((own) => taskOf(mergeTask(null, own)));
      await fc.assert(
        fc.asyncProperty(
          filters,
          fc.constantFrom<TaskSort>('newest', 'oldest', 'slowest'),
          fc.integer({ min: 1, max: 90 }),
          async (filter, sort, limit) => {
            const wanted = wantedBy(all, filter, sort);
            const found = await pages({ ...filter, sort, limit });
            expect(found.map(({ id }) => id).toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());
            const keys = found.map((task) =>
              sort === 'slowest' ? -(task.runtimeMs ?? 0) : sort === 'oldest' ? task.at : -task.at,
            );
            expect(keys).toEqual(keys.toSorted((a, b) => a - b));
          },
        ),
        { seed: 12, numRuns: 150 },
      );
    }, 60_000);

    test('stay joined while tasks come in between two pages', async () => {
      at.writer.write(Array.from({ length: 60 }, (_, i) => lifeOf(`a${i}`, { at: T0 + i * 10 })).flat(), []);
      const first = await at.reader.tasks(query({ limit: 30 }), NOW);
      at.writer.write(Array.from({ length: 60 }, (_, i) => lifeOf(`b${i}`, { at: T0 + 10_000 + i * 10 })).flat(), []);
      const second = await at.reader.tasks(query({ limit: 30, after: first.next ?? '' }), NOW);
      expect([...first.tasks, ...second.tasks].map(({ id }) => id)).toEqual(
        Array.from({ length: 60 }, (_, i) => `a${59 - i}`),
      );
      expect(second.next).toBeNull();
    });

    test('refuse a cursor that is none, and a search that is none with its position', async () => {
      await expect(at.reader.tasks(query({ after: 'x!' }), NOW)).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
      await expect(at.reader.tasks(query({ q: 'customer ab' }), NOW)).rejects.toMatchObject({
        code: 'SEARCH_INVALID',
        position: 9,
      });
      expect(await list()).toEqual([]);
    });
  });

  describe('searches', () => {
    const found = async (q: string) => (await ids({ q })).toSorted();

    test('find text anywhere in arguments and results, whatever the case, and only there where a field is named', async () => {
      at.writer.write([...lifeOf('a'), ...lifeOf('b', { end: 'failed' })], []);
      expect(await found('CUSTOMER-a')).toEqual(['a']);
      expect(await found('args:customer-')).toEqual(['a', 'b']);
      expect(await found('kwargs:customer-')).toEqual([]);
      expect(await found('result:boom')).toEqual(['b']);
      expect(await found('state:failure customer')).toEqual(['b']);
      expect(await found('boom OR customer-a')).toEqual(['a', 'b']);
      expect(await found('(boom OR customer-a) kwargs:priority=HIGH')).toEqual(['a', 'b']);
      expect(await found('kwargs:priority=hig')).toEqual([]);
      expect(await found('"no such text"')).toEqual([]);
    });

    test('find text that is not in the words of letters: quotes, signs, other scripts', async () => {
      const odd = `('it''s "100%" _a_', 'Grüße-日本語テスト')`;
      at.writer.write([change('sent', 'odd', 0, { name: 'x', args: odd }), ...lifeOf('a')], []);
      for (const q of ['"\\"100%\\""', '_a_', 'GRÜSSE'.replace('SS', 'ß'), '日本語', "it''s"])
        expect(await found(q)).toEqual(['odd']);
      expect(await found('1__%')).toEqual([]);
    });

    test('find names, workers, states and the beginning of ids too', async () => {
      const uuid = '27963fad-602e-493d-9bc7-17ca521cf908';
      at.writer.write([...lifeOf(uuid), ...lifeOf('other', { name: 'shop.mail.send' })], []);
      expect(await found('mail.SEND')).toEqual(['other']);
      expect(await found('27963fad-60')).toEqual([uuid]);
      expect(await found(uuid)).toEqual([uuid]);
      expect(await found('w1@h')).toEqual([uuid, 'other'].toSorted());
      expect(await found('succ')).toEqual([uuid, 'other'].toSorted());
      expect(await found('worker:w2@')).toEqual([]);
    });

    test('find a task while it runs, and by its new text once it has another', async () => {
      const life = lifeOf('a', { end: 'failed' });
      at.writer.write(life.slice(0, 2), []);
      expect(await found('customer-a')).toEqual(['a']);
      at.writer.write(life, []);
      expect(await found('boom')).toEqual(['a']);
      at.writer.write([change('succeeded', 'a', 9_000, { result: 'a late triumph' })], []);
      expect(await found('boom')).toEqual([]);
      expect(await found('triumph')).toEqual(['a']);
    });

    test('find tasks among thousands that have not ended', async () => {
      const many = Array.from({ length: 5_000 }, (_, i) => lifeOf(`t${i}`, { at: T0 + i })[0] as TaskChange);
      for (let i = 0; i < many.length; i += 1_000) at.writer.write(many.slice(i, i + 1_000), []);
      expect(await found('"customer-t17)"')).toEqual([]);
      expect(await found("customer-t17'")).toEqual(['t17']);
      expect(await found("customer-t4999'")).toEqual(['t4999']);
      at.writer.write(lifeOf('t17', { at: T0 + 17 }), []);
      expect(await found("customer-t17'")).toEqual(['t17']);
    });
  });

  describe('figures', () => {
    test('count exactly what a list would give, by state', async () => {
      const changes = manyTasks(400);
      for (let i = 0; i < changes.length; i += 150) at.writer.write(changes.slice(i, i + 150), []);
      const all = [...Map.groupBy(changes, ({ id }) => id).values()].map((own) => taskOf(mergeTask(null, own)));
      await fc.assert(
        fc.asyncProperty(filters, async (filter) => {
          const wanted = wantedBy(all, filter, 'newest');
          const byState = Object.fromEntries(
            TASK_STATES.map((state) => [state, wanted.filter((task) => task.state === state).length] as const).filter(
              ([, count]) => count > 0,
            ),
          );
          expect(await at.reader.counts(filter, NOW)).toEqual({ now: NOW, total: wanted.length, byState, exact: true });
        }),
        { seed: 13, numRuns: 150 },
      );
    }, 60_000);

    test('of activity agree with the tasks, for every filter and range, within the tenth of a histogram', async () => {
      const changes = manyTasks(300);
      at.writer.write(changes, []);
      const all = [...Map.groupBy(changes, ({ id }) => id).values()].map((own) => taskOf(mergeTask(null, own)));
      await fc.assert(
        fc.asyncProperty(
          filters,
          fc.integer({ min: 0, max: 5_400_000 }),
          fc.integer({ min: 1, max: 7_200_000 }),
          fc.integer({ min: 1, max: 120 }),
          async ({ from: _, to: __, ...filter }, start, length, buckets) => {
            const range = { from: T0 + start, to: T0 + start + length, buckets };
            const told = await at.reader.activity(filter, range, NOW);
            expect(told.at.length).toBeLessThanOrEqual(buckets);
            expect(told.from).toBeLessThanOrEqual(range.from);
            expect(told.to).toBeGreaterThanOrEqual(range.to);
            const matching = wantedBy(all, filter, 'newest');
            const inBar = told.at.map((at) =>
              matching.filter((task) => Math.floor(task.at) >= at && Math.floor(task.at) < at + told.bucketMs),
            );
            expect(told.received).toEqual(inBar.map((tasks) => tasks.length));
            expect(told.succeeded).toEqual(
              inBar.map((tasks) => tasks.filter(({ state }) => state === 'SUCCESS').length),
            );
            expect(told.failed).toEqual(inBar.map((tasks) => tasks.filter(({ state }) => state === 'FAILURE').length));
            if (filter.state !== undefined) return;
            expect(told.retried).toEqual(inBar.map((tasks) => tasks.filter(({ retries }) => retries > 0).length));
            for (const [i, tasks] of inBar.entries()) {
              const runtimes = tasks
                .flatMap(({ runtimeMs }) => (runtimeMs === null ? [] : [runtimeMs]))
                .toSorted((a, b) => a - b);
              const p95 = runtimes[Math.max(0, Math.ceil(runtimes.length * 0.95) - 1)];
              if (p95 === undefined) expect(told.runtimeP95[i]).toBeNull();
              else expect(Math.abs((told.runtimeP95[i] ?? 0) / p95 - 1)).toBeLessThan(0.11);
            }
          },
        ),
        { seed: 14, numRuns: 100 },
      );
    }, 60_000);

    test('of publications leave out what a task sent: the rest of a chain, what it calls, and its retries', async () => {
      const sent = (id: string, ms: number, by: string, more: object = {}) => {
        const told = change('sent', id, ms, { name: 'x', ...more });
        return { ...told, event: { ...told.event, by } };
      };
      at.writer.write(
        [
          ...[sent('own', 0, 'gen7@app'), sent('named', 100, 'gen7@app', { rootId: 'named' })],
          ...[
            sent('next', 200, 'gen9@worker', { rootId: 'own' }),
            sent('called', 300, 'gen9@worker', { parentId: 'own' }),
          ],
          sent('own', 400, 'gen9@worker'),
        ],
        [],
      );
      const told = await at.reader.sentBy({ from: T0, to: T0 + 1_000, limit: 10 });
      expect(told.map(({ at: when, by }) => `${when - T0} ${by}`)).toEqual(['100 gen7@app', '0 gen7@app']);
    });

    test('of failures are grouped by exception and name, the most frequent first, with their newest', async () => {
      const fails = (id: string, at: number, name: string, exception: string) => [
        change('sent', id, at, { name }),
        change('failed', id, at + 10, { exception }),
      ];
      at.writer.write(
        [
          ...[...fails('a', 0, 'x', "ValueError('1')"), ...fails('b', 100, 'x', "ValueError('2')")],
          ...[...fails('c', 200, 'y', "ValueError('3')"), ...fails('d', 300, 'x', 'KeyError(4)'), ...lifeOf('fine')],
        ],
        [],
      );
      const { groups } = await at.reader.failures({}, NOW);
      expect(groups.map(({ exception, name, count }) => `${exception} ${name} ${count}`)).toEqual([
        'ValueError x 2',
        'KeyError x 1',
        'ValueError y 1',
      ]);
      expect(groups[0]).toMatchObject({ firstAt: T0, lastAt: T0 + 100, example: { id: 'b' } });
      expect((await at.reader.failures({ name: ['y'] }, NOW)).groups).toHaveLength(1);
      expect((await at.reader.failures({ q: 'KeyError' }, NOW)).groups.map(({ exception }) => exception)).toEqual([
        'KeyError',
      ]);
      expect(
        (await at.reader.failures({ from: T0 + 150, to: T0 + 250 }, NOW)).groups.map(({ name: one }) => one),
      ).toEqual(['y']);
      expect((await at.reader.failures({ state: ['SUCCESS'] }, NOW)).groups).toEqual([]);
    });

    test('tell which names, workers and queues have most tasks in the hours of a time, the largest first', async () => {
      const later = T0 + 2 * 3_600_000;
      const lives = [
        ...['a', 'b', 'c'].map((id) => lifeOf(id, { name: 'often', queue: 'bulk' })),
        ...[lifeOf('d', { name: 'seldom' }), lifeOf('e', { name: 'rare', worker: 'w2@h1', at: later })],
        ...['f', 'g'].map((id) => lifeOf(id, { name: 'late', worker: 'w2@h1', at: later })),
      ];
      at.writer.write(lives.flat(), []);
      const range = { from: T0, to: later, limit: 3 };
      expect(await at.reader.largest('name', range)).toEqual(['often', 'late', 'rare']);
      expect(await at.reader.largest('worker', range)).toEqual(['w1@h1', 'w2@h1']);
      expect(await at.reader.largest('queue', { ...range, limit: 1 })).toEqual(['celery']);
      expect(await at.reader.largest('name', { ...range, from: later })).toEqual(['late', 'rare']);
    });

    test('suggest what tasks are called, where they ran and how they fail, the last used first', async () => {
      at.writer.write(
        [...lifeOf('a', { name: 'old' }), ...lifeOf('b', { name: 'new', at: T0 + 600_000, end: 'failed' })],
        [],
      );
      expect(await at.reader.suggestions(NOW)).toEqual({
        names: ['new', 'old'],
        workers: ['w1@h1'],
        queues: ['celery'],
        exceptions: ['ValueError'],
      });
    });
  });

  test('a task comes with its workflow, the oldest first, and its own id may be any text', async () => {
    const root = '00000000-0000-4000-8000-000000000001';
    at.writer.write(
      [
        ...lifeOf("it's", { at: T0 + 20, root }),
        ...lifeOf(root, { at: T0, root }),
        ...lifeOf('c', { at: T0 + 10, root }),
        ...lifeOf('d'),
      ],
      [],
    );
    const found = await at.reader.task("it's");
    expect(found?.workflow.map(({ id }) => id)).toEqual([root, 'c', "it's"]);
    expect(found?.workflowTruncated).toBe(false);
    expect((await at.reader.task(root))?.workflow).toHaveLength(3);
    expect((await at.reader.task('d'))?.workflow.map(({ id }) => id)).toEqual(['d']);
    expect(await at.reader.task('nobody')).toBeNull();
    expect(await ids({ root, sort: 'oldest' })).toEqual([root, 'c', "it's"]);
  });
}

const time = fc.integer({ min: 0, max: 7_200_000 }).map((ms) => T0 + ms);
const SEARCHES = [
  ...['customer-t1', 'args:customer', 'name:mail', 'mail', 'worker:w2@h1 customer', 'boom OR kwargs:priority=low'],
  ...[
    'state:failure',
    'shop (ship OR boom)',
    'succ',
    'kwargs:priority=high result:shipped',
    'name:ship OR worker:w2@h1',
  ],
];

/** Up to three conditions at a time: with more hardly any task would match. */
const filters: fc.Arbitrary<TaskFilter> = fc
  .record({
    state: fc.subarray([...TASK_STATES], { minLength: 1, maxLength: 3 }),
    name: fc.subarray(['shop.orders.ship', 'shop.mail.send', 'nobody'], { minLength: 1 }),
    worker: fc.subarray(['w1@h1', 'w2@h1'], { minLength: 1 }),
    queue: fc.subarray(['celery', 'mail'], { minLength: 1 }),
    exception: fc.constant(['ValueError']),
    root: fc.constantFrom('t3', 't17'),
    from: time,
    to: time,
    canaries: fc.constant('1' as const),
    q: fc.constantFrom(...SEARCHES),
  })
  .chain((filter) =>
    fc
      .subarray(Object.keys(filter) as (keyof typeof filter)[], { maxLength: 3 })
      .map((keys) => Object.fromEntries(keys.map((key) => [key, filter[key]])) as TaskFilter),
  );
