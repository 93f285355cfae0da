/** What is taken back is what the run did, no more: nothing that others have ordered since, and nothing that is settled. */
import { expect, test } from 'vitest';
import type { DrillId, Run } from '#lib/model/drill.ts';
import { type Bench, bench, boot, killedAt, settledIn, start, until } from './drill-bench.ts';
import { memoryRuns } from './memory-runs.ts';

const NEVER = Number.POSITIVE_INFINITY;
const HOUR_MS = 3_600_000;
const BROKER = 'rabbit-2@host-2';

/** Plays the drill until the step runs, lets time pass, and calls it off. What was called since. */
async function calledOff(one: Bench, drill: DrillId, step: string, afterMs = 0): Promise<string[]> {
  await start(one, drill);
  await until(one.clock, () => isAt(one.drills.active, step));
  const at = one.clock.now() + afterMs;
  await until(one.clock, () => one.clock.now() >= at);
  const before = one.estate.calls.length;
  await one.drills.abort('run-1', 'ada', 'enough');
  await until(one.clock, () => one.ended.length > 0);
  expect(one.ended[0]).toMatchObject({ verdict: 'aborted', state: 'ended', undoLeft: [] });
  return one.estate.calls.slice(before);
}

function isAt(run: Run | null, step: string): boolean {
  return run?.steps.find(({ id }) => id === step)?.state === 'running';
}

test.each<[DrillId, string]>([
  ['redis-switch', 'after'],
  ['broker-switch', 'after'],
  ['redis-hang', 'old-follows'],
  ['redis-crash', 'old-follows'],
  ['queue-leader-move', 'in-sync'],
])('%s, called off at %s, has nothing to take back: what it did is over', async (drill, step) => {
  const one = bench();
  expect(await calledOff(one, drill, step)).toEqual([]);
  expect(one.estate.leftBehind()).toEqual([]);
});

test('a broker that was frozen for a moment is only resumed, whatever its peers say', async () => {
  const one = bench();
  one.estate.actions.rabbitmq.nodes = async () => [
    { name: BROKER, running: false, partitions: [BROKER], answers: false },
  ];
  expect(await calledOff(one, 'broker-hang', 'declared-dead')).toEqual([`resume ${BROKER}`]);
});

test('a broker that was frozen for long is resumed, and left alone where its peers take it back', async () => {
  const one = bench();
  expect(await calledOff(one, 'broker-hang', 'declared-dead', 60_000)).toEqual([`resume ${BROKER}`]);
});

test('a broker that was frozen for long is not killed because nobody can be asked about it: that is left for a person', async () => {
  const one = bench();
  await start(one, 'broker-hang');
  await until(one.clock, () => isAt(one.drills.active, 'declared-dead'));
  const at = one.clock.now() + 60_000;
  await until(one.clock, () => one.clock.now() >= at);
  const before = one.estate.calls.length;
  one.estate.actions.rabbitmq.nodes = () => Promise.reject(new Error('nobody answers'));
  await one.drills.abort('run-1', 'ada', 'enough');
  await until(one.clock, () => one.ended.length > 0, HOUR_MS);
  expect(one.estate.calls.slice(before)).toEqual([`resume ${BROKER}`]);
  expect(one.ended[0]).toMatchObject({ state: 'lost', undoLeft: [expect.stringContaining('do not take')] });
  expect(one.problems.join()).toContain('is not known: nobody answers');
});

test('a broker that was frozen for long, and has no address of its own here, is left alone where its peers take it back', async () => {
  const one = bench();
  one.estate.actions.rabbitmq.nodes = async () => [{ name: BROKER, running: true, partitions: [], answers: null }];
  expect(await calledOff(one, 'broker-hang', 'declared-dead', 60_000)).toEqual([`resume ${BROKER}`]);
});

test.each([
  ['a peer says that it is cut off', { running: true, partitions: [BROKER], answers: true }],
  ['a peer never calls it running', { running: false, partitions: [], answers: true }],
  ['it never answers for itself, whatever its peers say', { running: true, partitions: [], answers: false }],
])('a broker that was frozen for long is restarted where %s', async (_how, told) => {
  const one = bench();
  one.estate.actions.rabbitmq.nodes = async () => [{ name: BROKER, ...told }];
  const calls = await calledOff(one, 'broker-hang', 'declared-dead', 60_000);
  expect(calls).toEqual([`resume ${BROKER}`, `kill ${BROKER}`, `start ${BROKER}`]);
});

test('a policy by which a queue moves is taken away once it has moved: a queue in the middle of it would lose its mirrors', async () => {
  const one = bench();
  const { rabbitmq } = one.estate.actions;
  const { deletePolicy } = rabbitmq;
  const leaders: (string | null)[] = [];
  rabbitmq.deletePolicy = async (vhost, name, signal) => {
    leaders.push((await rabbitmq.queue('/', 'celery', signal)).leader);
    return deletePolicy(vhost, name, signal);
  };
  const { leader: before } = await rabbitmq.queue('/', 'celery', new AbortController().signal);
  expect(await calledOff(one, 'queue-leader-move', 'move')).toEqual(['delete-policy trellis-move-celery']);
  expect(leaders).toHaveLength(1);
  expect(leaders[0]).not.toBe(before);
});

test('a policy whose queue does not move is taken away all the same', async () => {
  const one = bench();
  const { rabbitmq } = one.estate.actions;
  rabbitmq.queue = async () => Promise.reject(new Error('no answer'));
  expect(await calledOff(one, 'queue-leader-move', 'move')).toEqual(['delete-policy trellis-move-celery']);
});

test('a killed master is not started again before another one is there: its replicas would copy what it has', async () => {
  const one = bench();
  const { executor } = one.estate.actions;
  const { run: execute } = executor;
  const mastersAtStart: string[][] = [];
  executor.run = (verb, ...rest) => {
    if (verb === 'start') mastersAtStart.push(one.estate.masters());
    return execute(verb, ...rest);
  };
  expect(await calledOff(one, 'redis-crash', 'promoted')).toEqual(['start results/127.0.1.2:6379']);
  expect(mastersAtStart).toEqual([['127.0.1.1:6379']]);
});

test('a killed master that keeps nothing on disk is left to a person where nobody takes over', async () => {
  const one = bench();
  const { model } = one.estate;
  const id = 'results/127.0.1.2:6379';
  const asked = { ...one.estate.actions.redis };
  one.estate.actions.redis.role = async (address, signal) => {
    const told = await asked.role(address, signal);
    return { ...told, role: address === '127.0.1.2:6379' ? told.role : 'replica' };
  };
  const without = () => {
    const now = model();
    const node = now.redisNodes[id];
    return node === undefined
      ? now
      : { ...now, redisNodes: { ...now.redisNodes, [id]: { ...node, appendOnly: false } } };
  };
  const blind = boot({ ...one, actions: one.estate.actions, estate: { ...one.estate, model: without } });
  await start(blind, 'redis-crash');
  await until(blind.clock, () => isAt(blind.drills.active, 'promoted'));
  await blind.drills.abort('run-1', 'ada', 'enough');
  await until(blind.clock, () => blind.ended.length > 0, 10 * 60_000);
  expect(blind.ended[0]).toMatchObject({ state: 'lost', undoLeft: [expect.stringContaining('start')] });
  expect(blind.problems.join()).toContain('nobody has taken over from redis@host-2, which has no append-only file');
});

test('a server that somebody else has put into maintenance since stays there', async () => {
  const { clock, estate, store } = await killedAt('broker-switch', { save: NEVER, call: 6 });
  await estate.actions.haproxy.setState('haproxy-1', 'amqp/rabbit-2', 'maint', new AbortController().signal);
  const next = boot({ clock, estate, store: memoryRuns(store.rows), actions: estate.actions });
  await settledIn(clock, next.drills.run('run-1'));
  expect(estate.leftBehind()).toEqual(['haproxy-1 amqp/rabbit-2 maint']);
});

test('a sync of hours ago is not cancelled: it may be another one by then', async () => {
  const { clock, estate, store } = await killedAt('queue-sync', { save: NEVER, call: 1 });
  clock.advance(HOUR_MS);
  const next = boot({ clock, estate, store: memoryRuns(store.rows), actions: estate.actions });
  const { run } = await settledIn(clock, next.drills.run('run-1'));
  expect(run).toMatchObject({ state: 'ended', undoLeft: [] });
  expect(estate.calls.filter((call) => call.startsWith('cancel_sync'))).toEqual([]);
});

/** Starts a switch, and calls it off as soon as the old master follows; `first` is done before. What was called since. */
async function calledOffDemoted(one: Bench, first: () => void): Promise<() => readonly string[]> {
  const { redis } = one.estate.actions;
  const { replicaOf } = redis;
  let before: number | null = null;
  redis.replicaOf = async (...args) => {
    await replicaOf(...args);
    if (before !== null) return;
    before = one.estate.calls.length;
    first();
    await one.drills.abort('run-1', 'ada', 'enough');
  };
  await start(one, 'redis-switch');
  await until(one.clock, () => before !== null);
  return () => one.estate.calls.slice(before ?? NEVER);
}

test.each(['while the step before is stored', 'while it is taken back'])(
  'what is taken back does not wait for a disk that hangs %s: writes are held back meanwhile',
  async (when) => {
    const one = bench();
    const hang = () => {
      one.store.save = () => new Promise<never>(() => {});
    };
    if (when === 'while it is taken back') {
      const since = await calledOffDemoted(one, hang);
      await until(one.clock, () => since().includes('unpause 127.0.1.2:6379'));
    } else {
      await start(one, 'redis-switch');
      await until(one.clock, () => isAt(one.drills.active, 'before'));
      one.store.beforeSave = () => {
        if (isAt(one.drills.active, 'hold')) hang();
      };
      await until(one.clock, () => one.estate.calls.includes('pause 127.0.1.2:6379'));
      await one.drills.abort('run-1', 'ada', 'enough');
      await until(one.clock, () => one.estate.calls.includes('unpause 127.0.1.2:6379'));
      expect(one.estate.calls).toHaveLength(2);
    }
    expect(one.estate.leftBehind()).toEqual([]);
  },
);

test('a Trellis that was killed in the fault knows that there was one, and lets the estate rest', async () => {
  const { clock, estate, store } = await killedAt('redis-failover', { save: NEVER, call: 1 });
  const next = boot({ clock, estate, store: memoryRuns(store.rows), actions: estate.actions });
  const { run } = await settledIn(clock, next.drills.run('run-1'));
  expect(run.faultAt).not.toBeNull();
});

test('a proxy that hangs does not keep the others from following', async () => {
  const one = bench();
  const { haproxy } = one.estate.actions;
  const { setHealth } = haproxy;
  const since = await calledOffDemoted(one, () => {
    haproxy.setHealth = (proxy, ...rest) =>
      proxy === 'haproxy-1' ? new Promise<never>(() => {}) : setHealth(proxy, ...rest);
  });
  const at = one.clock.now();
  await until(one.clock, () => since().includes('end-sessions haproxy-3 redis/redis-2'));
  expect(one.clock.now() - at).toBeLessThan(1_000);
});
