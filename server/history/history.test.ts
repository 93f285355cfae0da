/** The history over the real store, whose failures are switched on and off. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HistoryState, timelineSchema } from '#lib/contract/timeline.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { type History, startHistory } from './history.ts';
import { factOf, transitionOf } from './history-contract.ts';
import { sqliteHistory } from './sqlite/store.ts';
import type { HistoryStore, Recall } from './store.ts';

const START = 1_000_000;
let dir: string;
let store: HistoryStore;
let clock: ReturnType<typeof manualClock>;
const fault = { on: false };
const heard: { states: HistoryState[]; recalls: [Recall, number[]][] } = { states: [], recalls: [] };

/** The store, but while the fault is on every write fails as a full disk does. */
function failing(real: HistoryStore): HistoryStore {
  const unless = <T>(run: () => Promise<T>) => (fault.on ? Promise.reject(new Error('the disk is full')) : run());
  return {
    ...real,
    recall: (bootedAt) => unless(() => real.recall(bootedAt)),
    append: (batch) => unless(() => real.append(batch)),
  };
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-history-'));
  store = sqliteHistory(join(dir, 'history.db'));
  clock = manualClock(START);
  Object.assign(fault, { on: false });
  Object.assign(heard, { states: [], recalls: [] });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

function start(): History {
  return startHistory({
    ...{ store: failing(store), clock, limits: { maxAgeMs: 1e12, maxRows: 1e6 } },
    onRecall: (recall, newest) => heard.recalls.push([recall, newest.map(({ id }) => id)]),
    onState: (state) => heard.states.push(state),
  });
}

/** What another process left behind. */
async function leave(...ids: number[]): Promise<void> {
  await store.recall(0);
  const transitions = ids.map((id) => transitionOf(id));
  await store.append({ transitions, facts: [factOf('x', '1')], blind: [], aliveAt: START - 500, stopping: false });
}

const noticed = (...ids: number[]) => ({ transitions: ids.map((id) => transitionOf(id)), facts: [], blind: [] });
const idsOf = async (history: History, query = {}) =>
  (await history.timeline({ limit: 100, ...query })).transitions.map(({ id }) => id);
const storedIds = async () => (await store.transitions({ limit: 100 })).transitions.map(({ id }) => id).reverse();
const pending = (history: History, count: number) => expect.poll(() => history.state.pending).toBe(count);

describe('the history', () => {
  test('gives the timeline from before this process, and what was known then', async () => {
    await leave(1_000, 2_000);
    const history = start();
    await expect.poll(() => heard.recalls.length).toBe(1);
    const [[recall, newest] = []] = heard.recalls;
    expect(newest).toEqual([1_000, 2_000]);
    expect(recall).toMatchObject({ lastId: 2_000, facts: [{ fact: factOf('x', '1'), until: START - 500 }] });
    const { blind } = await history.timeline({ limit: 9 });
    expect(blind).toMatchObject([{ what: 'trellis', from: START - 500, to: START, code: 'lost' }]);
  });

  test('has in its answer what was recorded a moment ago, once, stored or not', async () => {
    const history = start();
    history.record(noticed(1_000));
    expect(await idsOf(history)).toEqual([1_000]);
    await pending(history, 0);
    expect(await idsOf(history)).toEqual([1_000]);
    fault.on = true;
    history.record(noticed(2_000, 3_000));
    expect(await idsOf(history)).toEqual([1_000, 2_000, 3_000]);
    expect(await idsOf(history, { limit: 2 })).toEqual([2_000, 3_000]);
    expect(await idsOf(history, { before: 3_000, from: 2 })).toEqual([2_000]);
  });

  test('answers as its contract says, page by page, with the blind time of each page', async () => {
    const history = start();
    const stretch = (from: number, to: number | null) =>
      ({ id: `a@${from}`, what: 'a', from, to, code: 'timeout' }) as const;
    history.record({ ...noticed(10_000, 20_000, 30_000), blind: [stretch(12, 15), stretch(25, null)] });
    await pending(history, 0);
    const newest = await history.timeline({ limit: 1 });
    const middle = await history.timeline({ limit: 1, before: newest.next ?? 0 });
    const last = await history.timeline({ limit: 1, before: middle.next ?? 0 });
    for (const page of [newest, middle, last]) expect(timelineSchema.parse(page)).toEqual(page);
    const shown = [newest, middle, last].map(({ transitions, next, blind }) => [
      ...[transitions.map(({ at }) => at), next, blind.map(({ from }) => from)],
    ]);
    expect(shown).toEqual([
      [[30], 30_000, [25]],
      [[20], 20_000, [25]],
      [[10], null, [12]],
    ]);
  });

  test('says that it fails, keeps what comes, and stores all of it in order when it works again', async () => {
    const history = start();
    await expect.poll(() => heard.recalls.length).toBe(1);
    fault.on = true;
    history.record(noticed(1_000));
    await expect.poll(() => history.state.state).toBe('failing');
    history.record(noticed(2_000));
    clock.advance(60_000);
    expect(history.state).toMatchObject({ message: 'the disk is full', since: START, pending: 2, dropped: 0 });
    fault.on = false;
    await expect.poll(() => [clock.advance(1_000), history.state.state][1]).toBe('ok');
    await pending(history, 0);
    expect(await storedIds()).toEqual([1_000, 2_000]);
    expect(heard.states.map(({ state }) => state)).toEqual(['failing', 'ok']);
  });

  test('begins to work when its store does, long after the start', async () => {
    await leave(1_000);
    fault.on = true;
    const history = start();
    history.record(noticed(START * 1_000));
    await expect.poll(() => history.state.state).toBe('failing');
    expect(heard.recalls).toEqual([]);
    fault.on = false;
    await expect.poll(() => [clock.advance(1_000), heard.recalls.length][1]).toBe(1);
    await pending(history, 0);
    expect(await storedIds()).toEqual([1_000, START * 1_000]);
  });

  test('gives what was seen before the store was open ids behind the stored ones', async () => {
    await leave(5_000_000_000);
    const history = start();
    history.record(noticed(START * 1_000));
    await pending(history, 0);
    expect(await storedIds()).toEqual([5_000_000_000, 5_000_000_001]);
    expect(heard.recalls[0]?.[0].lastId).toBe(5_000_000_001);
  });

  test('shows signs of life, and marks the time in which it did not get to run', async () => {
    const history = start();
    await expect.poll(() => heard.recalls.length).toBe(1);
    clock.advance(2_000);
    const blind = async () => (await history.timeline({ limit: 1 })).blind;
    expect(await blind()).toEqual([]);
    // The machine slept: no timer ran on time.
    const asleep = manualClock(clock.now() + 60_000);
    const now = clock.now;
    clock.now = asleep.now;
    clock.advance(2_000);
    expect(await blind()).toMatchObject([
      { what: 'trellis', from: START + 2_000, to: START + 62_000, code: 'stalled' },
    ]);
    clock.now = now;
  });

  test('asked to end stores what waits before the call returns, and says that the end was on purpose', async () => {
    const history = start();
    await expect.poll(() => heard.recalls.length).toBe(1);
    clock.advance(100);
    history.record(noticed(1_000));
    history.end();
    await store.close();
    expect((await store.recall(START + 900)).lastId).toBe(1_000);
    const { stretches } = await store.blind({ from: 0, to: 1e15, limit: 9 });
    expect(stretches).toMatchObject([{ from: START + 100, to: START + 900, code: 'stopped' }]);
  });

  test('asked to end while it stores loses nothing of what came since', async () => {
    const history = start();
    await expect.poll(() => heard.recalls.length).toBe(1);
    history.record(noticed(1_000));
    history.record(noticed(2_000));
    history.end();
    await store.close();
    expect(await storedIds()).toEqual([1_000, 2_000]);
  });

  test('that cannot be read is an error with a code, not an empty timeline', async () => {
    fault.on = true;
    const history = start();
    await expect(history.timeline({ limit: 1 })).rejects.toMatchObject({ code: 'HISTORY_UNAVAILABLE' });
  });
});
