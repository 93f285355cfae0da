/** Drills on an estate in memory: each runs to its end, in the order that was measured, and only when it may. */
import { expect, test } from 'vitest';
import type { DrillId } from '#lib/model/drill.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { NOW } from '#server/sources/told-estate.ts';
import { DRILLS } from './catalog/all.ts';
import { drillsConfig } from './config.ts';
import { bench, boot, PLAYED, PROXIES, played, settledIn, start, until } from './drill-bench.ts';
import { memoryRuns } from './memory-runs.ts';
import { type SimulatedEstate, simulatedEstate } from './simulated-estate.ts';

test.each(PLAYED)('%s runs to its end, keeps what it promised, and leaves nothing behind', async (drill) => {
  const one = bench();
  const run = await played(one, drill);
  expect(run.because).toEqual(['Everything that was promised was kept.']);
  expect(run).toMatchObject({ state: 'ended', verdict: 'held', undoLeft: [] });
  expect(run.steps.map(({ state }) => state)).toEqual(run.steps.map(() => 'done'));
  expect(run.faultAt).not.toBeNull();
  expect(one.estate.leftBehind()).toEqual([]);
  expect(one.estate.masters()).toHaveLength(1);
  expect(one.problems).toEqual([]);
});

test('redis-switch demotes the old master before anybody may write to it again', async () => {
  const one = bench();
  await played(one, 'redis-switch');
  const calls = one.estate.calls.map((call) => call.split(' ')[0]);
  const proxies = ['health', 'state', 'end-sessions'];
  const redis = calls.filter((call) => call !== 'pause' && !proxies.includes(call ?? ''));
  expect(redis).toEqual(['failover', 'replicaof', 'unpause']);
  const settled = calls.slice(0, calls.indexOf('unpause'));
  expect(settled.filter((call) => call === 'end-sessions')).toHaveLength(PROXIES.length);
});

test('redis-switch holds writes back anew before every order: what was stored in between may have taken long', async () => {
  const one = bench();
  await played(one, 'redis-switch');
  // What proxies are told meanwhile lets nobody write to the old one.
  const calls = one.estate.calls.filter((call) => !call.includes('haproxy-'));
  const before = (call: string) => calls[calls.findIndex((each) => each.startsWith(call)) - 1];
  expect([before('failover'), before('replicaof')]).toEqual(Array(2).fill('pause 127.0.1.2:6379'));
});

test.each(['redis-switch', 'broker-switch'] as const)(
  '%s is refused, and nothing is touched, while the socket of a proxy is not of level admin, or does not answer',
  async (drill) => {
    const one = bench();
    const { haproxy } = one.estate.actions;
    const levels: Record<string, () => Promise<string | null>> = {};
    haproxy.level = (proxy) => levels[proxy]?.() ?? Promise.resolve('admin');
    const said = async () => {
      const { checks } = await one.drills.plan(drill, null);
      return checks.filter(({ id }) => id === 'proxy-sockets').map(({ level, text }) => `${level}: ${text}`);
    };
    levels['haproxy-2'] = async () => 'user';
    levels['haproxy-3'] = () => Promise.reject(new Error('haproxy-3: show cli level: refused'));
    await expect(start(one, drill)).rejects.toThrow('haproxy-2 cannot be told: its socket is of level user');
    expect(await said()).toEqual([
      'block: haproxy-2 cannot be told: its socket is of level user: name one of level admin under acting.haproxy. ' +
        'haproxy-3 cannot be told: its socket does not answer (haproxy-3: show cli level: refused).',
    ]);
    // An old HAProxy does not tell.
    Object.assign(levels, { 'haproxy-2': async () => null, 'haproxy-3': async () => 'admin' });
    expect(await said()).toEqual(['pass: Every proxy can be told by its runtime socket.']);
    expect(one.estate.calls).toEqual([]);
  },
);

test('redis-switch orders no failover when a replica has not got everything by then', async () => {
  const one = bench();
  const { redis } = one.estate.actions;
  const { role } = redis;
  let isBehind = false;
  redis.role = async (address, signal) => {
    const told = await role(address, signal);
    return isBehind && address === '127.0.1.1:6379' ? { ...told, offset: told.offset - 14 } : told;
  };
  const watched = boot({
    ...one,
    actions: one.estate.actions,
    onRun: (run) => {
      isBehind = run.steps.find(({ id }) => id === 'offsets')?.state === 'done';
    },
  });
  const run = await played(watched, 'redis-switch');
  expect(run).toMatchObject({ verdict: 'failed', state: 'ended', undoLeft: [] });
  expect(run.because.join()).toContain('127.0.1.1:6379 has not got all of 127.0.1.2:6379');
  expect(one.estate.calls.filter((call) => call.startsWith('failover'))).toEqual([]);
  expect(one.estate.masters()).toEqual(['127.0.1.2:6379']);
});

test('redis-switch puts the old master back at every proxy as down, so that no proxy sends to it before its check has passed', async () => {
  const one = bench();
  await played(one, 'redis-switch');
  for (const proxy of PROXIES) {
    const told = one.estate.calls.filter((call) => call.includes(`${proxy} redis/redis-2`));
    expect(told.slice(-2)).toEqual([`state ${proxy} redis/redis-2 ready`, `health ${proxy} redis/redis-2 down`]);
  }
});

test('redis-switch is over only once every proxy has kept the old master out for as long as its check takes to bring it up', async () => {
  const one = bench();
  const { haproxy } = one.estate.actions;
  const { servers } = haproxy;
  let lastUpAt = 0;
  haproxy.servers = async (...args) => {
    const told = await servers(...args);
    if (told.some(({ server, status }) => server === 'redis/redis-2' && status === 'UP')) lastUpAt = one.clock.now();
    return told;
  };
  const { check } = one.estate
    .model()
    .proxies['haproxy-1']?.backends.find(({ name }) => name === 'redis')
    ?.servers.find(({ name }) => name === 'redis-2') ?? { check: null };
  const run = await played(one, 'redis-switch');
  const ready = run.steps.find(({ id }) => id === 'ready');
  expect(ready?.state).toBe('done');
  // HAProxy takes it for UP at first: that one look finds it so, or not, proves nothing.
  expect(lastUpAt).toBeGreaterThan(ready?.startedAt ?? 0);
  const riseMs = (check?.intervalMs ?? 2_000) * (check?.rise ?? 2);
  expect((ready?.endedAt ?? 0) - lastUpAt).toBeGreaterThanOrEqual(riseMs);
});

test.each([
  ['the failover is ordered', 'redis', 'failover'],
  ['the old master follows', 'redis', 'replicaOf'],
  ['the first proxy is told', 'haproxy', 'shutdownSessions'],
] as const)(
  'redis-switch, called off when %s, lets no writer go on to the old master: every proxy follows the new one first',
  async (_when, system, verb) => {
    const one = bench();
    const does: Record<string, (...args: never[]) => Promise<unknown>> = one.estate.actions[system];
    const done = does[verb] as (...args: never[]) => Promise<unknown>;
    does[verb] = async (...args) => {
      const answer = await done(...args);
      await one.drills.abort('run-1', 'ada', 'enough').catch(() => {}); // the second time it is off already
      return answer;
    };
    expect((await played(one, 'redis-switch')).verdict).toBe('aborted');
    const calls = [...one.estate.calls];
    for (const proxy of PROXIES) {
      const before = calls.slice(0, calls.indexOf('unpause 127.0.1.2:6379'));
      expect(before).toContain(`health ${proxy} redis/redis-1 up`);
      expect(before.filter((call) => call.includes(`${proxy} redis/redis-2`)).slice(-2)).toEqual([
        `health ${proxy} redis/redis-2 down`,
        `end-sessions ${proxy} redis/redis-2`,
      ]);
    }
  },
);

test('a run is watched and called off without its store: a disk that hangs stops nobody', async () => {
  const one = bench();
  await start(one, 'broker-switch');
  await until(one.clock, () => one.drills.active?.steps.some(({ state }) => state === 'running') === true);
  const never = () => new Promise<never>(() => {});
  Object.assign(one.store, { load: never, list: never });
  expect((await one.drills.run('run-1')).run.state).toBe('running');
  expect((await one.drills.abort('run-1', 'ada', 'enough')).run.id).toBe('run-1');
  await until(one.clock, () => one.ended.length > 0);
  expect(one.ended[0]?.verdict).toBe('aborted');
});

test('what is shown in the plan is what is called', async () => {
  const one = bench();
  const plan = await settledIn(one.clock, one.drills.plan('broker-switch', null));
  await played(one, 'broker-switch');
  expect(one.estate.calls.filter((call) => call.startsWith('state'))).toHaveLength(
    plan.steps.flatMap(({ calls }) => calls).filter((call) => call.includes('set server')).length,
  );
});

test('a step is on disk, with what takes it back, before it is done', async () => {
  const one = bench();
  const seen: string[] = [];
  one.store.beforeSave = () => void seen.push(`save after ${one.estate.calls.length}`);
  await played(one, 'redis-switch');
  const first = JSON.parse(one.store.saved[3] ?? '{}');
  expect(seen.slice(0, 5)).toEqual(['save after 0', 'save after 0', 'save after 0', 'save after 0', 'save after 1']);
  expect(first.undo.map(({ call }: { call: { verb: string } }) => call.verb)).toEqual(['redis.unpause']);
});

test('a step that cannot be stored is not done', async () => {
  const one = bench();
  one.store.beforeSave = (count) => {
    if (count >= 4) throw new Error('the disk is full');
  };
  const run = await played(one, 'redis-switch');
  expect(one.estate.calls.filter((call) => call !== 'unpause 127.0.1.2:6379')).toEqual([]);
  expect(run).toMatchObject({ verdict: 'failed', faultAt: null });
  expect(one.problems.join()).toContain('the disk is full');
});

test('a guard that must hold stops the run, and what it did is taken back', async () => {
  const one = bench();
  const { model } = one.estate;
  let isBroken = false;
  one.estate.model = () => model();
  const broken = boot({
    ...one,
    actions: one.estate.actions,
    estate: { ...one.estate, model: () => (isBroken ? withProxyHostDown(model()) : model()) },
    onRun: (run) => {
      if (run.steps.find(({ id }) => id === 'stay')?.state === 'running') isBroken = true;
    },
  });
  const run = await played(broken, 'broker-switch');
  expect(run.verdict).toBe('aborted');
  expect(run.because[0]).toBe('Stopped by Trellis: redis@host-3 is down, and not by this drill.');
  expect(one.estate.leftBehind()).toEqual([]);
});

test('what is being ended already is not stopped: a broker that pauses when its frozen peer goes on ends no run', async () => {
  const one = bench();
  const { model } = one.estate;
  let isBroken = false;
  const broken = boot({
    ...one,
    actions: one.estate.actions,
    estate: { ...one.estate, model: () => (isBroken ? withProxyHostDown(model()) : model()) },
    onRun: (run) => {
      isBroken = run.steps.find(({ id }) => id === 'resume')?.state === 'done';
    },
  });
  const run = await played(broken, 'broker-hang');
  expect(run.because.join()).not.toContain('Stopped by Trellis');
  expect(run.steps.find(({ id }) => id === 'runs-again')?.state).not.toBe('skipped');
});

function withProxyHostDown(model: ReturnType<SimulatedEstate['model']>): ReturnType<SimulatedEstate['model']> {
  const node = model.redisNodes['results/127.0.1.3:6379'];
  if (node === undefined) return model;
  const reading = model.readings[node.own ?? ''];
  if (reading === undefined) return model;
  const failure = { code: 'refused', message: 'refused', since: 0, at: 0 } as const;
  return {
    ...model,
    readings: { ...model.readings, [reading.key]: { ...reading, failure } },
    redisNodes: { ...model.redisNodes, [node.id]: { ...node, up: node.up.map(({ by }) => ({ by, value: false })) } },
  };
}

test('one run at a time, and the estate rests afterwards', async () => {
  const one = bench({ settings: drillsConfig.parse({ coolDownSeconds: 60 }) });
  await start(one, 'broker-switch');
  await expect(start(one, 'beat-handover', 'run-2')).rejects.toThrow('Run run-1 (broker-switch) is under way.');
  await until(one.clock, () => one.ended.length > 0);
  await expect(start(one, 'beat-handover', 'run-2')).rejects.toThrow('The estate rests');
  one.clock.advance(60_000);
  await start(one, 'beat-handover', 'run-2');
});

test('the name of the target is typed, and a plan that no longer fits says what changed', async () => {
  const one = bench();
  const plan = await settledIn(one.clock, one.drills.plan('redis-switch', null));
  const wish = {
    drill: 'redis-switch',
    target: plan.target,
    typedTarget: 'resluts',
    planHash: plan.stateHash,
  } as const;
  const by = { id: 'run-1', actor: 'ada', role: 'operator', reason: 'to see it' } as const;
  await expect(settledIn(one.clock, one.drills.start(wish, by))).rejects.toMatchObject({ code: 'TARGET_MISMATCH' });
  await one.estate.actions.haproxy.setState('haproxy-3', 'amqp/rabbit-3', 'maint', new AbortController().signal);
  const typed = { ...wish, typedTarget: 'results' };
  await expect(settledIn(one.clock, one.drills.start(typed, by))).rejects.toThrow(
    'haproxy-3 amqp: serves rabbit-3 → serves rabbit-1; out: rabbit-3',
  );
  expect(one.drills.active).toBeNull();
});

test('an outage longer than promised breaks the verdict; within its error it does not', async () => {
  const outage = { path: 'publish', from: NOW, to: NOW + 5_000, ms: 5_000, errorMs: 50 } as const;
  expect((await played(bench({ outages: [outage] }), 'broker-switch')).verdict).toBe('broken');
  expect((await played(bench({ outages: [{ ...outage, errorMs: 3_500 }] }), 'broker-switch')).verdict).toBe('held');
});

test('a Trellis that starts again tells what became of the run that it was in, so that nobody still sees it as running', async () => {
  const { clock, estate, rows } = await killedAfterFault();
  const told: string[] = [];
  const again = boot({
    ...{ clock, estate, store: memoryRuns(rows), actions: estate.actions },
    onRun: ({ id, state, verdict }) => void told.push(`${id} ${state} ${verdict}`),
  });
  await settledIn(clock, again.drills.entries());
  expect(told).toEqual(['run-1 lost unknown']);
});

test('a run that Trellis lost sight of ends when it was seen last, however much later Trellis comes back; the estate rests from then', async () => {
  const { clock, estate, rows } = await killedAfterFault();
  const lostAt = clock.now();
  const later = manualClock(lostAt + 7_200_000);
  const settings = drillsConfig.parse({ coolDownSeconds: 60 });
  const again = boot({ clock: later, estate, store: memoryRuns(rows), actions: estate.actions, settings });
  const { run } = await settledIn(later, again.drills.run('run-1'));
  expect(run.endedAt).toBeGreaterThan(NOW);
  expect(run.endedAt).toBeLessThanOrEqual(lostAt);
  expect(run.steps.filter(({ startedAt, endedAt }) => startedAt !== null && endedAt === null)).toEqual([]);
  const { checks } = await settledIn(later, again.drills.plan('beat-handover', null));
  expect(checks.some(({ level, text }) => level === 'block' && text.startsWith('The estate rests'))).toBe(true);
});

test('only runs of one drill are compared', async () => {
  const one = bench();
  const mine = await played(one, 'redis-switch');
  one.clock.advance(3_600_000);
  await start(one, 'queue-leader-move', 'run-2');
  await until(one.clock, () => one.ended.length > 1);
  await expect(one.drills.run(mine.id, 'run-2')).rejects.toMatchObject({ code: 'OTHER_DRILL' });
  await expect(one.drills.markdown(mine.id, mine.id)).resolves.toContain('## Beside run');
});

test('a temporary policy that nobody knows of any more is taken away at the start', async () => {
  const clock = manualClock(NOW);
  const estate = simulatedEstate(clock);
  const policy = { pattern: 'x', definition: { 'ha-params': ['rabbit-1@host-1'] }, priority: 1, applyTo: 'queues' };
  await estate.actions.rabbitmq.putPolicy('/', 'trellis-move-celery', policy, new AbortController().signal);
  const one = boot({ clock, estate, store: memoryRuns(), actions: estate.actions });
  await one.drills.entries();
  expect(estate.leftBehind()).toEqual([]);
});

test('every drill of the catalog has a plan whose steps are told apart, and none is stuck on a healthy estate but queue-sync', async () => {
  const one = bench();
  for (const id of Object.keys(DRILLS) as DrillId[]) {
    const plan = await settledIn(one.clock, one.drills.plan(id, null));
    const blocks = plan.checks.filter(({ level }) => level === 'block').map(({ text }) => text);
    expect([id, blocks]).toEqual([id, []]);
    const ids = plan.steps.map((step) => step.id);
    expect([id, new Set(ids).size]).toEqual([id, ids.length]);
    expect([id, plan.steps.some(({ calls }) => calls.length > 0)]).toEqual([id, true]);
    expect([id, plan.hypothesis.winner]).not.toEqual([id, 'nobody']);
  }
});

/** What a Trellis leaves behind that was killed once the fault of its `redis-crash` was there: the estate, and its rows. */
async function killedAfterFault() {
  const clock = manualClock(NOW);
  const estate = simulatedEstate(clock);
  const store = memoryRuns();
  const one = boot({ clock, estate, store, actions: estate.actions });
  await start(one, 'redis-crash');
  await until(clock, () => one.drills.active?.faultAt != null);
  return { clock, estate, rows: store.rows };
}
