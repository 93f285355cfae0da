/** What every history store must do. A new one is held to it by one line in its own test file. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BlindStretch } from '#lib/contract/timeline.ts';
import type { Transition } from '#lib/model/transition.ts';
import type { Fact } from '#server/model/facts.ts';
import type { HistoryBatch, HistoryStore } from './store.ts';

/** One empty place to keep a history in; `open` may be called again after the store was closed. */
export type Place = { open(): HistoryStore; remove(): Promise<void> };

/** A transition for tests, at the time that its id says. */
export function transitionOf(id: number, change: Partial<Transition> = {}): Transition {
  const subject = { kind: 'redisServices', id: 'results' } as const;
  return { id, at: Math.floor(id / 1_000), code: 'RedisMaster', subject, from: 'a', to: 'b', by: ['s1'], ...change };
}

/** A batch for tests. */
export function batchOf(change: Partial<HistoryBatch>): HistoryBatch {
  return { transitions: [], facts: [], blind: [], aliveAt: 0, stopping: false, ...change };
}

/** A fact for tests. */
export function factOf(id: string, value: string, by: readonly string[] = ['redis/s1/masters']): Fact {
  return { code: 'RedisMaster', subject: { kind: 'redisServices', id }, value, by };
}

const stretch = (what: string, from: number, to: number | null = null): BlindStretch => ({
  ...{ id: `${what}@${from}`, what, from, to, code: 'refused' },
});
const ALL = { from: 0, to: 1e15, limit: 100 };

/** The battery. */
export function describeHistoryStore(name: string, createPlace: () => Promise<Place>): void {
  describe(`${name} as a history store`, () => {
    let place: Place;
    let store: HistoryStore;

    beforeEach(async () => {
      place = await createPlace();
      store = place.open();
      await store.recall(0);
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    async function reopen(): Promise<void> {
      await store.close();
      store = place.open();
    }
    async function ids(query: Partial<Parameters<HistoryStore['transitions']>[0]> = {}): Promise<number[]> {
      return (await store.transitions({ limit: 100, ...query })).transitions.map(({ id }) => id);
    }

    describe('acknowledgements', () => {
      const one = { by: 'ann', reason: 'on it', at: 1_000, until: 9_000 };

      test('are kept over a restart, and the last one of a finding counts', async () => {
        await store.acknowledge('A:hosts/a', { ...one, by: 'bob' });
        await store.acknowledge('A:hosts/a', one);
        await store.acknowledge('B:hosts/b', one);
        await reopen();
        expect(await store.acknowledgements()).toEqual({ 'A:hosts/a': one, 'B:hosts/b': one });
      });

      test('are gone once they are withdrawn', async () => {
        await store.acknowledge('A:hosts/a', one);
        await store.acknowledge('A:hosts/a', null);
        expect(await store.acknowledgements()).toEqual({});
      });

      test('are removed some time after they expired', async () => {
        await store.acknowledge('A:hosts/a', one);
        await store.retain({ maxAgeMs: 1e12, maxRows: 1e6 }, one.until + 1);
        expect(await store.acknowledgements()).toEqual({});
      });
    });

    test('open findings are kept over a restart, and those told last are all there is', async () => {
      await store.keepOpenFindings({ 'A:hosts/a': 1_000, 'B:hosts/b': 2_000 });
      await store.keepOpenFindings({ 'B:hosts/b': 2_000, 'C:hosts/c': 3_000 });
      await reopen();
      expect(await store.openFindings()).toEqual({ 'B:hosts/b': 2_000, 'C:hosts/c': 3_000 });
    });

    describe('transitions', () => {
      test('come back exactly as they were, after the store was opened again too', async () => {
        const plain = transitionOf(1_000_000);
        const full = transitionOf(2_000_000, {
          subject: { kind: 'proxies', id: 'haproxy-1', part: 'amqp “ü”' },
          ...{ by: [], between: { from: 5, to: 9 }, from: '', to: "it's" },
          cause: {
            id: 1,
            at: 1,
            code: 'RedisNodeUp',
            subject: { kind: 'redisNodes', id: 'r' },
            from: 'up',
            to: 'down',
          },
        });
        await store.append(batchOf({ transitions: [plain, full] }));
        expect((await store.transitions({ limit: 9 })).transitions).toEqual([full, plain]);
        await reopen();
        expect((await store.transitions({ limit: 9 })).transitions).toEqual([full, plain]);
      });

      test('appended twice are stored once', async () => {
        const batch = batchOf({ transitions: [transitionOf(1_000), transitionOf(2_000)] });
        await store.append(batch);
        await store.append(batch);
        expect(await ids()).toEqual([2_000, 1_000]);
      });

      test('come in pages that join without a gap or a repetition', async () => {
        const all = Array.from({ length: 1_234 }, (_, i) => transitionOf(1_000 + i));
        await store.append(batchOf({ transitions: all }));
        const seen: number[] = [];
        for (let before: number | undefined; ; ) {
          const page = await store.transitions({ limit: 100, ...(before === undefined ? {} : { before }) });
          seen.push(...page.transitions.map(({ id }) => id));
          if (!page.more) break;
          before = seen.at(-1);
        }
        expect(seen).toEqual(all.map(({ id }) => id).reverse());
      });

      test('are found by code, kind, subject and time, and by all of them together', async () => {
        const beat = { kind: 'locks', id: 'beat' } as const;
        const other = { kind: 'redisServices', id: 'other' } as const;
        await store.append(
          batchOf({
            transitions: [
              transitionOf(1_000),
              transitionOf(2_000, { code: 'LockHolder', subject: beat }),
              transitionOf(3_000, { subject: other }),
              transitionOf(4_000, { code: 'LockStandbys', subject: beat }),
              transitionOf(5_000),
            ],
          }),
        );
        expect(await ids({ code: ['LockHolder', 'LockStandbys'] })).toEqual([4_000, 2_000]);
        expect(await ids({ kind: 'redisServices' })).toEqual([5_000, 3_000, 1_000]);
        expect(await ids({ subject: 'other' })).toEqual([3_000]);
        expect(await ids({ from: 2, to: 4 })).toEqual([4_000, 3_000, 2_000]);
        expect(await ids({ from: 2, to: 5, kind: 'locks', code: ['LockHolder'], before: 5_000 })).toEqual([2_000]);
      });

      test('are found by their time where the clock went back and ids run ahead of it', async () => {
        await store.append(batchOf({ transitions: [transitionOf(9_000), transitionOf(9_001, { at: 3 })] }));
        expect(await ids({ from: 2, to: 4 })).toEqual([9_001]);
      });
    });

    describe('blind stretches', () => {
      test('keep their id and get their end, which a repetition does not take away', async () => {
        const begun = batchOf({ blind: [stretch('redis/s1', 10)] });
        await store.append(begun);
        await store.append(batchOf({ blind: [stretch('redis/s1', 10, 20)] }));
        await store.append(begun);
        expect(await store.blind(ALL)).toEqual({ stretches: [stretch('redis/s1', 10, 20)], more: false });
      });

      test('are found when they touch the range, the newest of them when there are too many', async () => {
        const blind = [stretch('a', 10, 20), stretch('b', 15, 40), stretch('c', 50), stretch('d', 70, 80)];
        await store.append(batchOf({ blind }));
        const within = async (from: number, to: number, limit = 9) => {
          const page = await store.blind({ from, to, limit });
          return [page.stretches.map(({ what }) => what).join(''), page.more];
        };
        expect(await within(20, 30)).toEqual(['ba', false]);
        expect(await within(41, 49)).toEqual(['', false]);
        expect(await within(60, 69)).toEqual(['c', false]);
        expect(await within(0, 99, 2)).toEqual(['dc', true]);
      });
    });

    describe('a recall', () => {
      test('of an empty store knows nothing and marks nothing', async () => {
        const fresh = await createPlace();
        const empty = fresh.open();
        expect(await empty.recall(1_000)).toEqual({ lastId: 0, aliveAt: null, facts: [] });
        expect((await empty.blind(ALL)).stretches).toEqual([]);
        await empty.close();
        await fresh.remove();
      });

      test('gives the last id, the last sign of life and the last value of every fact', async () => {
        const transitions = [transitionOf(7_000)];
        await store.append(batchOf({ transitions, facts: [factOf('x', '1'), factOf('y', '1')], aliveAt: 500 }));
        await store.append(batchOf({ facts: [factOf('x', '2')], aliveAt: 600 }));
        await reopen();
        const recall = await store.recall(1_000);
        expect(recall).toMatchObject({ lastId: 7_000, aliveAt: 600 });
        expect(recall.facts).toHaveLength(2);
        expect(recall.facts).toContainEqual({ fact: factOf('x', '2'), until: 600 });
      });

      test('says of a fact whose observer had fallen silent that it held until then', async () => {
        const blind = [stretch('redis/s1', 300)];
        await store.append(batchOf({ facts: [factOf('x', '1')], blind, aliveAt: 600 }));
        await reopen();
        expect((await store.recall(1_000)).facts).toEqual([{ fact: factOf('x', '1'), until: 300 }]);
      });

      test.each([
        ['lost', 'killed', false],
        ['stopped', 'asked to end', true],
      ])('marks the time since the last sign of life as %s when Trellis was %s', async (code, _, stopping) => {
        await store.append(batchOf({ aliveAt: 600, stopping }));
        await reopen();
        await store.recall(1_000);
        const { stretches } = await store.blind(ALL);
        expect(stretches).toEqual([{ id: 'trellis@600', what: 'trellis', from: 600, to: 1_000, code }]);
      });

      test('ends what was left open at the last sign of life, never before its beginning', async () => {
        await store.append(
          batchOf({ blind: [stretch('a', 300), stretch('b', 700), stretch('c', 1, 2)], aliveAt: 600 }),
        );
        await reopen();
        await store.recall(1_000);
        const ends = (await store.blind(ALL)).stretches.map(({ what, to }) => [what, to]);
        expect(ends).toEqual([
          ['b', 700],
          ['trellis', 1_000],
          ['a', 600],
          ['c', 2],
        ]);
      });
    });

    describe('retention', () => {
      async function retainAll(maxAgeMs: number, maxRows: number, now: number): Promise<number> {
        let deleted = 0;
        for (let more = true; more; ) {
          const slice = await store.retain({ maxAgeMs, maxRows }, now);
          deleted += slice.deleted;
          more = slice.more;
        }
        return deleted;
      }
      const many = Array.from({ length: 2_500 }, (_, i) => transitionOf((i + 1) * 1_000));

      test('deletes what is too old, in slices, and nothing else', async () => {
        await store.append(batchOf({ transitions: many, aliveAt: 2_500, facts: [factOf('x', '1')] }));
        await store.append(batchOf({ blind: [stretch('a', 1, 2), stretch('b', 1), stretch('c', 2_400, 2_401)] }));
        expect(await store.retain({ maxAgeMs: 100, maxRows: 1e6 }, 2_500)).toMatchObject({ more: true });
        await retainAll(100, 1e6, 2_500);
        expect((await ids({ limit: 500 })).at(-1)).toBe(2_400_000);
        expect((await store.blind(ALL)).stretches.map(({ what }) => what)).toEqual(['c', 'b']);
        await reopen();
        expect((await store.recall(9_999)).facts).toHaveLength(1);
      });

      test('keeps the newest rows when there are too many', async () => {
        await store.append(batchOf({ transitions: many }));
        expect(await retainAll(1e9, 10, 2_500)).toBe(2_490);
        expect(await ids()).toEqual(
          many
            .slice(-10)
            .map(({ id }) => id)
            .reverse(),
        );
      });
    });

    test('what is given at the end of the process is stored when the call returns', async () => {
      store.end(batchOf({ transitions: [transitionOf(1_000)], aliveAt: 600, stopping: true }));
      await reopen();
      expect(await store.recall(1_000)).toMatchObject({ lastId: 1_000, aliveAt: 600 });
      expect((await store.blind(ALL)).stretches).toMatchObject([{ code: 'stopped' }]);
    });
  });
}
