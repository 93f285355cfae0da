/** What every store of tasks must do. A new one is held to it by one line in its own test file. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Task } from '#lib/model/task.ts';
import { mergeTask, type TaskChange, taskOf } from '#server/ingest/merge.ts';
import type { TaskRetention } from './store.ts';
import { change, lifeOf, manyTasks, NOW, T0 } from './store-cases.ts';
import { describeTaskQueries } from './task-queries-contract.ts';
import { type Place, useStore } from './used-store-contract.ts';

const KEEP_ALL: TaskRetention = { maxAgeMs: 1e13, maxRows: 1e9, maxBytes: 1e15 };

/** The battery. */
export function describeTaskStore(name: string, createPlace: () => Place): void {
  describe(`${name} as a store of tasks`, () => {
    const at = useStore(createPlace);
    const { query, list, ids, pages } = at;

    describeTaskQueries(at);

    describe('writing', () => {
      test('keeps a task exactly as its events tell it, after both halves were opened again too', async () => {
        const changes = lifeOf('a', { end: 'failed' });
        at.writer.write(changes, []);
        const task = taskOf(mergeTask(null, changes));
        expect(await list()).toEqual([task]);
        at.writer.close();
        await at.reader.close();
        expect(await list()).toEqual([task]);
        expect((await at.reader.task('a'))?.task).toMatchObject({ ...task, traceback: 'Traceback …' });
      });

      test('tells what was new, before and after, and of a repetition nothing', () => {
        const [sent, ...rest] = lifeOf('a');
        expect(at.writer.write([sent as TaskChange], []).changed).toMatchObject([
          { before: null, after: { state: 'PENDING' } },
        ]);
        const { changed } = at.writer.write(rest, []);
        expect(changed).toMatchObject([{ before: { state: 'PENDING', startedAt: null }, after: { state: 'SUCCESS' } }]);
        expect(at.writer.write(lifeOf('a'), []).changed).toEqual([]);
      });

      test('in any order, any pieces and with repetitions ends in the same tasks and the same counts', async () => {
        const all = manyTasks(30);
        const ordered = all.toSorted((a, b) => a.event.at - b.event.at);
        at.writer.write(ordered, []);
        const expected = {
          tasks: await list({ canaries: '1' }),
          counts: await at.reader.counts({ canaries: '1' }, NOW),
        };
        await fc.assert(
          fc.asyncProperty(
            fc.shuffledSubarray(all, { minLength: all.length }),
            fc.integer({ min: 1, max: 40 }),
            async (order, size) => {
              const other = createPlace();
              const [to, from] = [other.openWriter(), other.openReader()];
              for (let i = 0; i < order.length; i += size) to.write(order.slice(Math.max(0, i - 3), i + size), []);
              const page = await from.tasks(query({ canaries: '1' }), NOW);
              expect(page.tasks.toSorted(byId)).toEqual(expected.tasks.toSorted(byId));
              expect(await from.counts({ canaries: '1' }, NOW)).toEqual(expected.counts);
              to.close();
              await from.close();
              other.remove();
            },
          ),
          { seed: 11, numRuns: 12 },
        );
      }, 60_000);

      test('of an event that is earlier than all known moves the task to its place', async () => {
        const [sent, ...rest] = lifeOf('late', { at: T0 + 500 });
        at.writer.write([...rest, ...lifeOf('b', { at: T0 + 500.5 })], []);
        expect(await ids()).toEqual(['late', 'b']);
        at.writer.write([{ ...(sent as TaskChange), event: { ...(sent as TaskChange).event, at: T0 } }], []);
        expect(await ids()).toEqual(['b', 'late']);
        expect(await ids({ q: 'customer-late' })).toEqual(['late']);
        expect((await at.reader.counts({}, NOW)).total).toBe(2);
      });

      test('holds any number of tasks of one and the same moment', async () => {
        const many = Array.from({ length: 700 }, (_, i) => lifeOf(`t${i}`)[0] as TaskChange);
        at.writer.write(many, []);
        const found = await pages({ limit: 50 });
        expect(found.map(({ id }) => id).toSorted()).toEqual(many.map(({ id }) => id).toSorted());
        expect((await at.reader.counts({}, NOW)).total).toBe(700);
      });

      test('keeps how far each worker was followed', () => {
        const mark = { worker: 'w1@h1', pid: 7, processed: 10, seen: 9, at: T0 + 0.5 };
        at.writer.write([], [mark, { ...mark, worker: 'w2@h1', pid: null }]);
        at.writer.write([], [{ ...mark, processed: 11 }]);
        at.writer.close();
        expect(at.writer.marks().toSorted((a, b) => a.worker.localeCompare(b.worker))).toEqual([
          { ...mark, processed: 11 },
          { ...mark, worker: 'w2@h1', pid: null },
        ]);
      });
    });

    describe('for reconciliation', () => {
      test('tells what runs on a worker, the oldest first, and nothing that ended or runs elsewhere', () => {
        at.writer.write([...lifeOf('done'), ...started('b', 20), ...started('a', 10), ...started('c', 5, 'w2@h1')], []);
        expect(at.writer.running('w1@h1', 9).map(({ id }) => id)).toEqual(['a', 'b']);
        expect(at.writer.running('w1@h1', 1).map(({ id }) => id)).toEqual(['a']);
        expect(at.writer.running('nobody', 9)).toEqual([]);
      });

      test('tells what has no end and was not heard of for long, the longest silent first', () => {
        at.writer.write([...lifeOf('done'), ...started('b', 20), ...started('a', 1_000)], []);
        expect(at.writer.unfinished(T0 + 60_000, 9).map(({ id }) => id)).toEqual(['b', 'a']);
        expect(at.writer.unfinished(T0 + 500, 9).map(({ id }) => id)).toEqual(['b']);
        at.writer.write([change('succeeded', 'b', 2_000, { result: '1' })], []);
        expect(at.writer.unfinished(T0 + 60_000, 9).map(({ id }) => id)).toEqual(['a']);
      });
    });

    describe('retention', () => {
      async function retainAll(limits: Partial<TaskRetention>, now: number): Promise<number> {
        let deleted = 0;
        for (let more = true; more; ) {
          const slice = at.writer.retain({ ...KEEP_ALL, ...limits }, now);
          deleted += slice.deleted;
          more = slice.more;
        }
        return deleted;
      }
      const fill = () => {
        const tasks = Array.from({ length: 900 }, (_, i) => lifeOf(`t${i}`, { at: T0 + i * 1_000 }));
        at.writer.write(tasks.flat(), []);
      };

      test('deletes what is older than the limit, from lists, searches and figures alike, and nothing else', async () => {
        fill();
        expect(await retainAll({ maxAgeMs: 300_000 }, T0 + 900_000)).toBe(600);
        expect((await ids({ limit: 500, sort: 'oldest' }))[0]).toBe('t600');
        expect((await at.reader.counts({}, NOW)).total).toBe(300);
        expect((await at.reader.counts({ name: ['shop.orders.ship'] }, NOW)).byState).toEqual({ SUCCESS: 300 });
        expect(await ids({ q: "customer-t599'" })).toEqual([]);
        expect(await ids({ q: "customer-t600'" })).toEqual(['t600']);
        expect(await at.reader.task('t599')).toBeNull();
        expect(await at.reader.stats()).toMatchObject({ tasks: 300, oldestAt: T0 + 600_000, newestAt: T0 + 899_000 });
      });

      test('deletes the oldest above a number of tasks', async () => {
        fill();
        expect(await retainAll({ maxRows: 100 }, NOW)).toBe(800);
        expect((await ids({ sort: 'oldest' }))[0]).toBe('t800');
        expect(await retainAll({ maxRows: 100 }, NOW)).toBe(0);
      });

      test('deletes the oldest until the size is right, and the file grows no more while as much comes as goes', async () => {
        fill();
        const before = at.writer.stats();
        const limit = Math.floor((before.bytes - before.freeBytes) * 0.7);
        expect(await retainAll({ maxBytes: limit }, NOW)).toBeGreaterThan(100);
        const { bytes, freeBytes } = at.writer.stats();
        expect(bytes - freeBytes).toBeLessThanOrEqual(limit);
      });

      test('of everything leaves an empty store that takes tasks again', async () => {
        fill();
        await retainAll({ maxRows: 0 }, NOW);
        expect(await at.reader.counts({}, NOW)).toMatchObject({ total: 0 });
        expect(await at.reader.suggestions(NOW)).toMatchObject({ exceptions: [] });
        fill();
        at.writer.upkeep(20);
        expect((await at.reader.counts({}, NOW)).total).toBe(900);
      });
    });
  });
}

function byId(a: Task, b: Task): number {
  return a.id < b.id ? -1 : 1;
}

function started(id: string, at: number, worker?: string): TaskChange[] {
  return lifeOf(id, { at: T0 + at, ...(worker === undefined ? {} : { worker }) }).slice(0, 3);
}
