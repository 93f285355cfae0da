/** What a run changed is told truthfully, however it ended: called off, failed, Trellis stopped or killed. */
import { expect, test } from 'vitest';
import { CHANGES_NOT_TOLD_YET, type DrillId } from '#lib/model/drill.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import { type Bench, bench, boot, killedAt, played, settledIn, start, until } from './drill-bench.ts';
import { memoryRuns } from './memory-runs.ts';
import type { RunRecord } from './run-record.ts';

const NEW_MASTER = 'results: redis@host-2 was master, redis@host-1 is.';
const PROXIES_FOLLOW = '3 proxies sent redis to redis-2, now to redis-1: haproxy-1, haproxy-2 and haproxy-3.';
const NEW_LEADER = 'celery was led by rabbit-2, now by rabbit-1.';
const NEVER = Number.POSITIVE_INFINITY;

/** A run that is called off as soon as this step runs. */
function calledOffAt(step: string): Bench {
  return bench({
    onRun: (run, drills) => {
      if (run.state === 'running' && run.steps.find(({ id }) => id === step)?.state === 'running')
        void drills()
          .abort(run.id, 'ada', 'enough')
          .catch(() => {});
    },
  });
}

async function changedBy(one: Bench, drill: DrillId): Promise<readonly string[]> {
  const run = await played(one, drill);
  return (await one.drills.run(run.id)).changed;
}

type Killed = Awaited<ReturnType<typeof killedAt>>;

/** The Trellis that starts after one that was killed; `model` as it sees the estate. */
function startedAgain({ clock, estate, store }: Killed, model: () => Model = estate.model): Bench {
  return boot({ clock, estate: { ...estate, model }, store: memoryRuns(store.rows), actions: estate.actions });
}

function recordIn({ store }: Killed, id = 'run-1'): RunRecord {
  return JSON.parse(store.rows.get(id) ?? '{}');
}

/** What the next Trellis tells, once it does. */
async function told(killed: Killed): Promise<readonly string[]> {
  await until(killed.clock, () => recordIn(killed).isTold === true);
  return recordIn(killed).context.changed;
}

test.each<[DrillId, string[]]>([
  ['redis-switch', [NEW_MASTER, PROXIES_FOLLOW]],
  ['redis-failover', [NEW_MASTER, PROXIES_FOLLOW]],
  ['redis-crash', [NEW_MASTER, PROXIES_FOLLOW]],
  ['queue-leader-move', [NEW_LEADER]],
  ['beat-handover', ['Lock beat: host-2 held it, host-1 does.']],
  ['broker-switch', []],
])('%s, done, tells what is another way, and nothing that came back', async (drill, changed) => {
  expect(await changedBy(bench(), drill)).toEqual(changed);
});

test('a failover that was ordered goes on when the run is called off before anybody knows the winner: it is waited for', async () => {
  const one = calledOffAt('promoted');
  expect(await changedBy(one, 'redis-failover')).toEqual([NEW_MASTER, PROXIES_FOLLOW]);
  expect(one.ended[0]).toMatchObject({ verdict: 'aborted', state: 'ended' });
  expect(JSON.parse(one.store.saved.at(-1) ?? '{}').facts).toEqual({});
  expect(one.estate.masters()).toEqual(['127.0.1.1:6379']);
});

test('a lock that is free when the run is called off is waited for until somebody holds it', async () => {
  const one = calledOffAt('taken');
  expect(await changedBy(one, 'beat-handover')).toEqual(['Lock beat: host-2 held it, host-1 does.']);
});

test.each<[DrillId, string]>([
  ['redis-switch', 'offsets'],
  ['broker-switch', 'stay'],
  ['redis-hang', 'freeze'],
])('%s, called off before its point of no return at %s, changed nothing', async (drill, step) => {
  expect(await changedBy(calledOffAt(step), drill)).toEqual([]);
});

test('a leader that has moved stays where it is when the run is called off; the temporary policy does not', async () => {
  const one = calledOffAt('policy-away');
  expect(await changedBy(one, 'queue-leader-move')).toEqual([NEW_LEADER]);
  expect(one.ended[0]).toMatchObject({ verdict: 'aborted', state: 'ended', undoLeft: [] });
  expect(one.estate.calls.filter((call) => call.startsWith('put-policy'))).toHaveLength(1);
  expect(one.estate.leftBehind()).toEqual([]);
});

test.each<[DrillId, string]>([
  ['queue-leader-move', 'move'],
  ['broker-hang', 'declared-dead'],
])('the plan of %s says that roles move from %s on', async (drill, step) => {
  const one = bench();
  const { steps } = await settledIn(one.clock, one.drills.plan(drill, null));
  expect(steps.filter(({ isPointOfNoReturn }) => isPointOfNoReturn).map(({ id }) => id)).toEqual([step]);
});

test.each<[DrillId, number, string[]]>([
  ['redis-switch', 3, [NEW_MASTER, PROXIES_FOLLOW]],
  ['redis-failover', 1, [NEW_MASTER, PROXIES_FOLLOW]],
  ['redis-switch', 2, []],
  ['broker-switch', 3, []],
  ['queue-leader-move', 2, [NEW_LEADER]],
])(
  '%s, with Trellis killed after its call %i: the next one tells what moved, once it sees',
  async (drill, call, changed) => {
    const killed = await killedAt(drill, { save: NEVER, call });
    const bootAt = killed.clock.now();
    const next = startedAgain(killed, () => {
      return killed.clock.now() < bootAt + 5_000 ? emptyModel() : killed.estate.model();
    });
    // The start is not held up by it.
    const { run, changed: first } = await settledIn(killed.clock, next.drills.run('run-1'));
    expect(run.state).toBe('ended');
    expect(first).toEqual([CHANGES_NOT_TOLD_YET]);
    expect(await told(killed)).toEqual(changed);
    expect((await next.drills.run('run-1')).sentences).toEqual(expect.arrayContaining(changed));
    expect(await next.drills.markdown('run-1')).not.toContain(CHANGES_NOT_TOLD_YET);
  },
);

test('what nobody tells within a minute after a start is said to be untold', async () => {
  const killed = await killedAt('redis-failover', { save: NEVER, call: 1 });
  const bootAt = killed.clock.now();
  startedAgain(killed, emptyModel);
  const changed = await told(killed);
  expect(killed.clock.now() - bootAt).toBeGreaterThanOrEqual(60_000);
  expect(changed).toHaveLength(1);
  expect(changed[0]).toMatch(/^It cannot be told now: who is master of results; who leads celery; /);
});

test('after what a lost run left was taken back, what changed is told anew', async () => {
  const killed = await killedAt('redis-crash', { save: NEVER, call: 1 });
  const next = startedAgain(killed);
  expect(await told(killed)).toEqual([NEW_MASTER, PROXIES_FOLLOW]);
  const answer = await settledIn(killed.clock, next.drills.undo('run-1'));
  expect([answer.run.state, answer.changed]).toEqual(['ended', [CHANGES_NOT_TOLD_YET]]);
  expect(await told(killed)).toEqual([NEW_MASTER, PROXIES_FOLLOW]);
});

test('what is still looked at is told before another run begins: its changes are its own', async () => {
  const killed = await killedAt('broker-switch', { save: NEVER, call: 3 });
  const next = startedAgain(killed);
  await settledIn(killed.clock, next.drills.run('run-1'));
  await start(next, 'queue-leader-move', 'run-2');
  expect(recordIn(killed).isTold).toBe(true);
  await until(killed.clock, () => next.ended.length > 0);
  expect(recordIn(killed).context.changed).toEqual([]);
  expect(recordIn(killed, 'run-2').context.changed).toEqual([NEW_LEADER]);
});

test('a Trellis that is stopped does not wait for roles; the next one tells', async () => {
  const one = bench();
  const { store, clock, estate } = one;
  await start(one, 'redis-failover');
  await until(clock, () => estate.calls.length > 0);
  const stoppedAt = clock.now();
  await settledIn(clock, one.drills.stop());
  expect(clock.now() - stoppedAt).toBeLessThan(1_000);
  const stopped = JSON.parse(store.saved.at(-1) ?? '{}') as RunRecord;
  expect([stopped.run.state, stopped.context.changed]).toEqual(['ended', [CHANGES_NOT_TOLD_YET]]);
  const rows = new Map([['run-1', JSON.stringify(stopped)]]);
  const killed: Killed = { clock, estate, store: memoryRuns(rows), isDead: () => true };
  startedAgain(killed);
  expect(await told(killed)).toEqual([NEW_MASTER, PROXIES_FOLLOW]);
});

test('a Trellis that is stopped while it looks stores no half answer: the next one tells', async () => {
  const killed = await killedAt('redis-failover', { save: NEVER, call: 1 });
  const next = startedAgain(killed, emptyModel);
  await settledIn(killed.clock, next.drills.run('run-1'));
  await settledIn(killed.clock, next.drills.stop());
  expect(recordIn(killed)).toMatchObject({ isTold: false, context: { changed: [CHANGES_NOT_TOLD_YET] } });
  startedAgain(killed);
  expect(await told(killed)).toEqual([NEW_MASTER, PROXIES_FOLLOW]);
});

test('browsers are told again once it is known, but not of a run before the one that they show', async () => {
  const killed = await killedAt('redis-failover', { save: NEVER, call: 1 });
  const { clock, estate, store } = killed;
  const record = recordIn(killed);
  const earlier = { ...record, run: { ...record.run, id: 'run-0', startedAt: record.run.startedAt - 1_000 } };
  store.rows.set('run-0', JSON.stringify(earlier));
  const seen: string[] = [];
  boot({
    ...{ clock, estate, store: memoryRuns(store.rows), actions: estate.actions },
    onRun: ({ id, state }) => void seen.push(`${id} ${state}`),
  });
  await until(clock, () => seen.length > 2);
  expect(recordIn(killed, 'run-0').isTold).toBe(true);
  expect(seen).toEqual(['run-0 ended', 'run-1 ended', 'run-1 ended']);
});

test('a record of before this was kept is left as it is', async () => {
  const killed = await killedAt('redis-failover', { save: NEVER, call: 1 });
  const { roles: _, ...old } = recordIn(killed);
  killed.store.rows.set('run-1', JSON.stringify(old));
  const next = startedAgain(killed);
  const { run, changed } = await settledIn(killed.clock, next.drills.run('run-1'));
  expect([run.state, changed]).toEqual(['ended', []]);
});
