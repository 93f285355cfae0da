/** Whatever ends a run early (somebody, a refusal, a kill of Trellis) leaves nothing behind that nobody knows of. */
import { expect, test } from 'vitest';
import { bench, boot, killedAt, PLAYED, played, settledIn, start, until } from './drill-bench.ts';
import { memoryRuns } from './memory-runs.ts';

test.each(PLAYED)('%s, called off at any of its steps, leaves nothing behind', async (drill) => {
  const steps = (await played(bench(), drill)).steps.map(({ id }) => id);
  for (const step of steps) {
    const one = bench({
      onRun: (run, drills) => {
        if (run.state === 'running' && run.steps.find(({ id }) => id === step)?.state === 'running')
          void drills()
            .abort(run.id, 'ada', 'enough')
            .catch(() => {});
      },
    });
    const run = await played(one, drill);
    expect([step, run.verdict, run.state, run.undoLeft]).toEqual([step, 'aborted', 'ended', []]);
    expect([step, one.estate.leftBehind()]).toEqual([step, []]);
    expect(run.because).toEqual(['Called off by ada: enough']);
    one.clock.advance(20_000);
    expect([step, one.estate.masters().length]).toEqual([step, 1]);
  }
});

test('a redis-switch that fails once the roles have moved is closed forward: one master, no pause, no drain', async () => {
  const one = bench();
  const { redis } = one.estate.actions;
  const { replicaOf } = redis;
  let isFirst = true;
  redis.replicaOf = async (...args) => {
    if (!isFirst) return replicaOf(...args);
    isFirst = false;
    throw new Error('REPLICAOF: no answer');
  };
  const run = await played(one, 'redis-switch');
  expect(run).toMatchObject({ verdict: 'failed', state: 'ended', undoLeft: [] });
  expect(one.estate.masters()).toEqual(['127.0.1.1:6379']);
  expect(one.estate.leftBehind()).toEqual([]);
  expect((await one.drills.run(run.id)).changed).toEqual([
    'results: redis@host-2 was master, redis@host-1 is.',
    '3 proxies sent redis to redis-2, now to redis-1: haproxy-1, haproxy-2 and haproxy-3.',
  ]);
});

test.each(PLAYED)('%s, refused at any of its calls, takes back what it did', async (drill) => {
  const whole = bench();
  await played(whole, drill);
  for (let n = 1; n <= whole.estate.calls.length; n += 1) {
    const one = bench();
    one.estate.failFrom = n;
    await start(one, drill);
    await until(one.clock, () => one.drills.active?.state === 'undoing' || one.ended.length > 0);
    // What refused for a moment answers again.
    one.estate.failFrom = null;
    await until(one.clock, () => one.ended.length > 0);
    expect([n, one.ended[0]?.verdict]).toEqual([n, 'failed']);
    expect([n, one.estate.leftBehind()]).toEqual([n, []]);
    if (drill === 'redis-switch') expect([n, one.estate.masters().length]).toEqual([n, 1]);
  }
});

test('what cannot be taken back makes the run a lost one that is offered, forbids others, and can be taken back later', async () => {
  const one = bench({
    onRun: (run) => {
      if (run.state === 'undoing') one.estate.failFrom = 1;
    },
  });
  one.estate.failFrom = 4;
  const run = await played(one, 'broker-switch');
  expect(run).toMatchObject({ state: 'lost', verdict: 'failed' });
  expect(run.undoLeft).toHaveLength(3);
  await expect(start(one, 'beat-handover', 'run-2')).rejects.toMatchObject({ code: 'DRILL_REFUSED' });
  one.estate.failFrom = null;
  const answer = await settledIn(one.clock, one.drills.undo(run.id));
  expect(answer.run).toMatchObject({ state: 'ended', undoLeft: [] });
  expect(one.estate.leftBehind()).toEqual([]);
  await start(one, 'beat-handover', 'run-2');
});

test.each(PLAYED)('%s, with Trellis killed at any moment, leaves nothing behind that is not offered', async (drill) => {
  const whole = bench();
  await played(whole, drill);
  const saves = whole.store.saved.length;
  // After each save, and after each change of the estate: whatever came later never happened.
  const points = [
    ...Array.from({ length: saves - 1 }, (_, i) => ({ save: i + 1, call: Number.POSITIVE_INFINITY })),
    ...whole.estate.calls.map((_, i) => ({ save: Number.POSITIVE_INFINITY, call: i + 1 })),
  ];
  for (const point of points) {
    const { clock, estate, store, isDead } = await killedAt(drill, point);
    expect([point, isDead()]).toEqual([point, true]);
    const next = boot({
      clock,
      estate,
      store: memoryRuns(store.rows),
      actions: estate.actions,
    });
    const { run } = await settledIn(clock, next.drills.run('run-1'));
    const killed = estate.leftBehind().filter((text) => text.endsWith(' killed'));
    expect([point, estate.leftBehind().filter((text) => !killed.includes(text))]).toEqual([point, []]);
    // A process that is down is for a person to start.
    expect([point, run.state]).toEqual([point, run.undoLeft.length > 0 ? 'lost' : 'ended']);
    if (killed.length > 0) expect([point, run.undoLeft.join()]).toEqual([point, expect.stringContaining('start')]);
    if (drill === 'redis-switch') expect([point, estate.masters().length]).toEqual([point, 1]);
    if (run.state === 'lost') await settledIn(clock, next.drills.undo('run-1'));
    expect([point, estate.leftBehind()]).toEqual([point, []]);
    clock.advance(20_000);
    expect([point, estate.masters().length]).toEqual([point, 1]);
  }
});
