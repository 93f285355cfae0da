import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { taskOf } from '#server/commands/task-fixture.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { PLANTED } from '#server/sources/fault-server.ts';
import { type CanaryOptions, startCanary } from './canary.ts';
import { type LoopbackBroker, loopbackBroker, loopbackStore } from './canary-loopback.ts';
import { startProbedCanary } from './probes.ts';

const STEP_MS = 50;
const LIMIT_MS = 20_000;
/** Both ends of every connection are in this process: so many turns of its event loop bring a question there and its answer back. */
const TURNS = 20;
const arrivals = async () => {
  for (let turn = 0; turn < TURNS; turn += 1) await setImmediate();
};

/** Two entrances to one estate whose worker is at once done with everything. */
async function setUp(more: Partial<CanaryOptions> = {}, hearsEvents = true) {
  const clock = manualClock(1_700_000_000_000);
  const keys = new Map<string, string>();
  const estate = { works: true };
  const ran: { id: string; at: number }[] = [];
  const work = (id: string) => {
    if (!estate.works) return;
    const done = { status: 'SUCCESS', result: id, date_done: new Date(clock.now()).toISOString(), task_id: id };
    keys.set(`CELERY-TASK-META-${id.toUpperCase()}`, JSON.stringify(done));
    ran.push({ id, at: clock.now() });
    if (!hearsEvents) return;
    const by = { at: clock.now(), worker: 'celery@host-1', pid: 7 };
    for (const type of ['started', 'succeeded'] as const) canary.noteEvent({ id, type, ...by });
  };
  const brokers = [await loopbackBroker(work), await loopbackBroker(work)];
  const store = await loopbackStore(keys);
  const problems: string[] = [];
  const options: CanaryOptions = {
    brokers: brokers.map(({ address }) => `amqp://${address}//`),
    ...{ results: `redis://${store.address}/0`, queues: ['celery'], perSecond: 10 },
    login: { user: PLANTED.user, password: PLANTED.password },
    ...more,
  };
  const log = (message: string) => problems.push(message);
  const canary = hearsEvents
    ? startCanary(options, clock, log)
    : startProbedCanary(options, { events: null, tasks: historyOf(ran), workers: () => [] }, clock, log);
  onTestFinished(async () => {
    await settled(canary.close());
    for (const server of [...brokers, store]) await server.stop();
  });
  /** Lets time pass, a step once all that was under way has arrived, until it is so. */
  async function until(isTrue: () => boolean): Promise<void> {
    const endAt = performance.now() + LIMIT_MS;
    do {
      if (performance.now() > endAt)
        throw new Error(`not within the limit: ${JSON.stringify(canary.counts)} ${problems.at(-1)}`);
      clock.advance(STEP_MS);
      await arrivals();
    } while (!isTrue());
  }
  /** The same for something that ends by itself. */
  async function settled<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    over.catch(() => undefined);
    await until(() => isOver);
    return over;
  }
  const [first, second] = brokers as [LoopbackBroker, LoopbackBroker];
  return { canary, clock, keys, estate, first, second, store, problems, until, settled };
}

/** A history of these runs. */
function historyOf(ran: readonly { id: string; at: number }[]) {
  return {
    tasks: async (_query: object, now: number) => ({ now, tasks: ran.map(({ id }) => taskOf(id)), next: null }),
    async task(id: string) {
      const at = ran.find((one) => one.id === id)?.at ?? 0;
      const events = (['started', 'succeeded'] as const).map((type) => ({
        ...{ type, at, by: 'celery@host-1', pid: 1, note: null, retries: null },
      }));
      const task = { ...taskOf(id), traceback: null, exchange: null, routingKey: null, events };
      return { task, workflow: [], workflowTruncated: false };
    },
    sentBy: async () => [],
  };
}

test('canaries go through the entrance into their queues in turn, and all that went well is counted so', async () => {
  const { canary, first, keys, until, settled } = await setUp({ queues: ['a', 'b'] });
  await until(() => canary.counts.executed >= 10);
  await settled(canary.finish(60_000));
  const { counts } = canary;
  expect(counts).toMatchObject({ lost: 0, repeated: 0, resultsLost: 0, open: 0 });
  expect([counts.confirmed, counts.executed]).toEqual([counts.published, counts.published]);
  expect(first.taken.map(({ id }) => id)).toEqual([...new Set(first.taken.map(({ id }) => id))].sort());
  for (const { id } of first.taken) expect(id.startsWith(canary.idStart)).toBe(true);
  expect(new Set(first.taken.map(({ queue }) => queue))).toEqual(new Set(['a', 'b']));
  const published = first.taken.length;
  expect(keys.size).toBe(published);
  await settled(canary.close());
  expect([keys.size, first.taken.length]).toEqual([0, published]);
});

test('a Trellis that stood still blames nobody for it', async () => {
  const { canary, clock, until, settled } = await setUp();
  await until(() => canary.counts.executed >= 10);
  clock.standStill(3_000);
  const { executed } = canary.counts;
  await until(() => canary.counts.executed >= executed + 10);
  await settled(canary.finish(60_000));
  expect(canary.outages).toEqual([]);
  expect(canary.stoodStillMs).toBeGreaterThan(2_900);
});

test('a connection that breaks before the confirm: the publisher knows, goes on through the next entrance, and nothing is lost', async () => {
  const { canary, first, second, problems, until, settled } = await setUp();
  await until(() => canary.counts.confirmed >= 3);
  first.fault = 'cut';
  await until(() => second.taken.length >= 3);
  await settled(canary.finish(60_000));
  const { counts } = canary;
  expect(counts).toMatchObject({ lost: 0, repeated: 0, open: 0 });
  expect(counts.unconfirmed).toBeGreaterThanOrEqual(1);
  expect(counts.published - counts.confirmed).toBe(counts.unconfirmed);
  expect(counts.executed).toBe(counts.confirmed);
  expect(problems.join('\n')).toContain(`lost ${first.address}`);
  expect(problems.join('\n')).not.toContain(PLANTED.password);
});

test.each(['returned', 'refused'])('what the broker has %s is not confirmed', async (fault) => {
  const { canary, first, until, settled } = await setUp();
  await until(() => canary.counts.confirmed >= 1);
  first.fault = fault;
  await until(() => canary.counts.published - canary.counts.confirmed >= 3);
  first.fault = null;
  await settled(canary.finish(60_000));
  expect(canary.counts).toMatchObject({ lost: 0, open: 0 });
  expect(canary.counts.executed).toBe(canary.counts.confirmed);
});

test('a broker that takes and never confirms is given up for the next entrance; what it ran all the same is no loss', async () => {
  const { canary, first, second, until, settled } = await setUp();
  await until(() => canary.counts.confirmed >= 3);
  first.fault = 'no-confirm';
  await until(() => second.taken.length >= 3);
  await settled(canary.finish(60_000));
  expect(canary.counts).toMatchObject({ lost: 0, repeated: 0, open: 0 });
  expect(canary.counts.executed).toBeGreaterThan(canary.counts.confirmed);
  const publish = canary.outages.find(({ path }) => path === 'publish');
  expect(publish?.to).not.toBeNull();
  expect(publish?.ms).toBeGreaterThanOrEqual(4_800);
});

test('while one entrance hangs another one is tried beside it: canaries do not wait until the first is given up', async () => {
  const { canary, first, second, until, settled } = await setUp();
  await until(() => canary.counts.confirmed >= 3);
  second.fault = 'silent';
  first.fault = 'cut';
  await until(() => canary.counts.published - canary.counts.confirmed >= 1);
  first.fault = null;
  const before = first.taken.length;
  await until(() => first.taken.length >= before + 3);
  await settled(canary.finish(60_000));
  const publish = canary.outages.filter(({ path }) => path === 'publish');
  expect(Math.max(...publish.map(({ ms }) => ms))).toBeLessThan(2_500);
});

test('what fails again and again is said once in ten seconds', async () => {
  const { canary, first, second, clock, problems, until } = await setUp();
  await until(() => canary.counts.confirmed >= 1);
  for (const server of [first, second]) await server.stop();
  const from = clock.now();
  await until(() => clock.now() - from >= 8_000);
  const refused = problems.filter((text) => text.includes('ECONNREFUSED'));
  expect(refused.length).toBeGreaterThan(0);
  expect(new Set(refused).size).toBe(refused.length);
});

test('what was confirmed and never ran is lost, but only once it can no longer run', async () => {
  const { canary, estate, until, settled } = await setUp({ expiresMs: 3_000, redeliveryMs: 1_000 });
  await until(() => canary.counts.executed >= 3);
  estate.works = false;
  await until(() => canary.counts.confirmed - canary.counts.executed >= 2);
  estate.works = true;
  expect(canary.counts.lost).toBe(0);
  await settled(canary.finish(60_000));
  const { counts, judged } = canary;
  expect(counts).toMatchObject({ open: 0, repeated: 0, resultsLost: 0 });
  expect(counts.lost).toBe(counts.confirmed - counts.executed);
  expect(judged.lost).toHaveLength(counts.lost);
});

test('a result that was there and is gone is a lost result, not a lost task', async () => {
  const { canary, keys, until, settled } = await setUp();
  await until(() => canary.counts.executed >= 5);
  const [gone = ''] = keys.keys();
  keys.delete(gone);
  await settled(canary.finish(60_000));
  expect(canary.counts).toMatchObject({ lost: 0, resultsLost: 1, open: 0 });
  expect(`celery-task-meta-${canary.judged.resultsLost[0]}`.toUpperCase()).toBe(gone);
});

test('where nobody tells of events, the history is asked before anything is judged', async () => {
  const { canary, estate, keys, until, settled } = await setUp({}, false);
  await until(() => canary.counts.executed >= 5);
  const [gone = ''] = keys.keys();
  keys.delete(gone);
  estate.works = false;
  await until(() => canary.counts.confirmed - canary.counts.executed >= 2);
  estate.works = true;
  await until(() => canary.counts.confirmed - canary.counts.executed >= 2 && canary.counts.executed >= 8);
  await settled(canary.finish(120_000));
  expect(canary.counts).toMatchObject({ resultsLost: 1, open: 0, repeated: 0 });
  expect(canary.counts.lost).toBe(canary.counts.confirmed - canary.counts.executed);
  expect(canary.counts.lost).toBeGreaterThanOrEqual(2);
});

test('a store that hangs is an outage of results alone, which ends as soon as another connection gets an answer', async () => {
  const { canary, clock, store, until, settled } = await setUp();
  await until(() => canary.counts.executed >= 5);
  store.fault = 'no-answer';
  await until(() => canary.outages.some(({ path, to }) => path === 'result' && to === null));
  store.fault = null;
  const backAt = clock.now();
  await until(() => canary.outages.every(({ to }) => to !== null));
  await settled(canary.finish(60_000));
  expect(canary.outages.map(({ path }) => path)).toEqual(['result']);
  // Not when the time of the question is over that hangs: a second.
  expect((canary.outages[0]?.to ?? 0) - backAt).toBeLessThan(500);
  expect(canary.counts).toMatchObject({ lost: 0, resultsLost: 0, open: 0 });
});

test('while a store cannot be read nothing is judged, and finishing ends at its limit', async () => {
  const { canary, store, until, settled } = await setUp();
  await until(() => canary.counts.confirmed >= 3);
  await store.stop();
  await until(() => canary.counts.confirmed >= 8);
  await settled(canary.finish(3_000));
  expect(canary.counts).toMatchObject({ lost: 0, resultsLost: 0 });
  expect(canary.counts.open).toBeGreaterThan(0);
  await store.start();
});

test('a task that is no canary of this run, and what comes after the end, is passed over', async () => {
  const { canary, until, settled } = await setUp();
  await until(() => canary.counts.executed >= 1);
  const started = { type: 'started', at: 1, worker: 'w', pid: 7 } as const;
  canary.noteEvent({ id: 'trellis-another-000001', ...started });
  await settled(canary.finish(60_000));
  const before = canary.counts;
  await settled(canary.close());
  canary.noteEvent({ id: `${canary.idStart}000000`, ...started });
  expect(canary.counts).toEqual(before);
});

test('an entrance that is no AMQP address is refused before anything is sent', () => {
  const options = { brokers: ['http://host'], results: 'redis://127.0.0.1:1/0', queues: ['q'], perSecond: 1 };
  expect(() => startCanary(options, manualClock(), () => undefined)).toThrow('amqp://address:port//');
});
