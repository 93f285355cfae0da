/**
 * Canaries on the real lab: nothing is lost where all is well, and what a fault costs is measured and told apart. They take
 * three minutes: `npm run test:drills` runs them, `npm test` does not.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { openLab } from '#lab/control.ts';
import { ADDRESSES, HOSTS, type Host, memberId, PORTS, QUEUE } from '#lab/layout.ts';
import { secretFile } from '#lab/paths.ts';
import { createHaproxyActions } from '#server/actions/haproxy-actions.ts';
import { createRedisActions } from '#server/actions/redis-actions.ts';
import { brokerAddress } from '#server/amqp/addresses.ts';
import { sqliteTasks } from '#server/history/tasks/sqlite/store.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import { type Ingest, startIngest } from '#server/ingest/ingest.ts';
import { systemClock } from '#server/runtime/clock.ts';
import type { Canary } from './canary.ts';
import { type CanaryEvents, startProbedCanary } from './probes.ts';

const lab = openLab();
const clock = systemClock();
const dir = mkdtempSync(join(tmpdir(), 'trellis-canary-'));
const GIB = 1024 ** 3;
const NEVER = new AbortController().signal;
const ENTRANCE = { host: ADDRESSES['host-1'], port: PORTS.proxyRedis };
const JUDGE_LIMIT_MS = 90_000;
const WHOLE_LIMIT_MS = 120_000;
const SERVERS = HOSTS.map((host) => `amqp/rabbit-${host.at(-1)}` as const) as [string, ...string[]];
const SHUT_MS = 4_000;
/** A canary's interval, the longest wait before it knocks again, and what a busy machine adds. */
const NOTICED_MS = 1_000;
let ingest: Ingest;
let tasks: TaskReader;

const login = (user: 'trellis-read' | 'trellis-act') => ({
  user,
  password: readFileSync(secretFile(lab.paths, user), 'utf8').trim(),
});

beforeAll(async () => {
  await lab.up();
  const path = join(dir, 'tasks.db');
  const nodes = HOSTS.map((host) => ({ address: `${ADDRESSES[host]}:${PORTS.redis}`, role: null, up: true }));
  ingest = startIngest({
    options: {
      addresses: HOSTS.flatMap((host) => brokerAddress(`amqp://${ADDRESSES[host]}:${PORTS.amqp}`) ?? []),
      ...{ path, login: { ...login('trellis-read'), vhost: '/' }, acting: null, enable: false, carried: null },
      ...{ suffix: randomUUID().slice(0, 8), results: { db: 0, keyPrefix: '', nodes } },
      queue: { queue: 'trellis.events.canary-test', exchange: 'celeryev', maxBytes: GIB, mode: 'exclusive' },
      retention: { maxAgeMs: 86_400_000, maxRows: 1_000_000, maxBytes: GIB },
    },
    ...{ clock, random: Math.random, onProblem: () => undefined },
  });
  tasks = sqliteTasks(path);
  await vi.waitFor(() => expect(ingest.report?.ingest.state).toBe('consuming'), { timeout: 30_000 });
});

beforeEach(() => lab.up());

afterAll(async () => {
  ingest.stop();
  ingest.waitStopped(2_000);
  await tasks.close();
  rmSync(dir, { recursive: true });
  await lab.up();
});

function start(): Canary {
  const options = {
    brokers: [`amqp://${ADDRESSES['host-1']}:${PORTS.proxyAmqp}//`],
    results: `redis://${ENTRANCE.host}:${ENTRANCE.port}/0`,
    ...{ queues: [QUEUE], perSecond: 10, login: login('trellis-act') },
  };
  const events: CanaryEvents = {
    listen: (one) => ingest.listen({ onReport: () => undefined, onFailure: () => undefined, ...one }),
  };
  return startProbedCanary(options, { events, tasks, workers: () => [] }, clock, (message) =>
    process.stderr.write(`${message}\n`),
  );
}

/** Publishes for a while, lets something happen in the middle, and judges. */
async function measured(canary: Canary, forMs: number, fault: () => Promise<void>): Promise<void> {
  await sleep(forMs / 2);
  await fault();
  await sleep(forMs / 2);
  await canary.finish(JUDGE_LIMIT_MS);
}

function haproxyActions() {
  return createHaproxyActions({ clock, socketOf: (host) => `${ADDRESSES[host as Host]}:${PORTS.proxySocket}` });
}

async function storedKeys(canary: Canary): Promise<string[]> {
  const redis = new Redis(ENTRANCE);
  try {
    return await redis.keys(`celery-task-meta-${canary.idStart}*`);
  } finally {
    redis.disconnect();
  }
}

async function redisMaster(): Promise<Host> {
  const redis = createRedisActions({ clock, loginOf: () => ({}) });
  for (const host of HOSTS) {
    const { role } = await redis.role(`${ADDRESSES[host]}:${PORTS.redis}`, NEVER);
    if (role === 'master') return host;
  }
  throw new Error('no Redis is master');
}

test('on a whole estate every canary runs once, its result is there, and afterwards nothing of it is left', async () => {
  const canary = start();
  await measured(canary, 20_000, async () => undefined);
  const { counts } = canary;
  expect(counts.published).toBeGreaterThan(150);
  expect(counts).toMatchObject({ confirmed: counts.published, executed: counts.published });
  expect(counts).toMatchObject({ lost: 0, repeated: 0, resultsLost: 0, open: 0 });
  expect(await storedKeys(canary)).toHaveLength(counts.published);
  await canary.close();
  expect(await storedKeys(canary)).toEqual([]);
});

test('an entrance that lets nobody in is an outage of publishing and running, as long as it was shut, and loses nothing', async () => {
  const haproxy = haproxyActions();
  const canary = start();
  let [shutAt, openAt] = [0, 0];
  const all = (state: 'maint' | 'ready') =>
    Promise.all(SERVERS.map((server) => haproxy.setState('host-1', server, state, NEVER)));
  try {
    await measured(canary, 30_000, async () => {
      await all('maint');
      for (const server of SERVERS) await haproxy.shutdownSessions('host-1', server, NEVER);
      shutAt = clock.now();
      await sleep(SHUT_MS);
      await all('ready');
      openAt = clock.now();
    });
  } finally {
    await all('ready');
  }
  const { counts, outages } = canary;
  await canary.close();
  expect(counts).toMatchObject({ lost: 0, open: 0 });
  expect(counts.executed).toBeGreaterThanOrEqual(counts.confirmed);
  for (const path of ['publish', 'execute'] as const) {
    const [outage, ...more] = outages.filter((one) => one.path === path);
    expect(more, path).toEqual([]);
    expect(Math.abs((outage?.from ?? 0) - shutAt), path).toBeLessThan(NOTICED_MS);
    expect(Math.abs((outage?.ms ?? 0) - (openAt - shutAt)), path).toBeLessThan(NOTICED_MS);
  }
});

test('draining the broker that serves costs no task: whoever comes again is let in elsewhere', async () => {
  const haproxy = haproxyActions();
  const [server] = SERVERS;
  const canary = start();
  let drainedAt = 0;
  try {
    await measured(canary, 40_000, async () => {
      drainedAt = clock.now();
      for (const host of HOSTS) await haproxy.setState(host, server, 'drain', NEVER);
      for (const host of HOSTS) await haproxy.shutdownSessions(host, server, NEVER);
    });
  } finally {
    for (const host of HOSTS) await haproxy.setState(host, server, 'ready', NEVER);
  }
  const { counts, outages } = canary;
  await canary.close();
  expect(counts).toMatchObject({ lost: 0, open: 0 });
  expect(counts.executed).toBeGreaterThanOrEqual(counts.confirmed);
  // Publishing goes on at once; workers that had their connection cut take their time, and the others run meanwhile.
  const publishing = outages.filter(({ path, to }) => path === 'publish' && to !== null && to > drainedAt);
  expect(publishing.filter(({ ms }) => ms > NOTICED_MS)).toEqual([]);
});

test('a Redis master that is killed loses results, and no task is called lost for it', async () => {
  const master = await redisMaster();
  const canary = start();
  await measured(canary, 40_000, async () => {
    await lab.kill(memberId(master, 'redis'));
  });
  const { counts, judged, outages } = canary;
  expect(counts).toMatchObject({ lost: 0, open: 0 });
  expect(counts.executed).toBeGreaterThanOrEqual(counts.confirmed);
  // What the ledger calls missing is exactly what the store does not have.
  const stored = await storedKeys(canary);
  expect(stored.length).toBeGreaterThanOrEqual(counts.confirmed - counts.resultsLost);
  for (const id of judged.resultsLost) expect(stored).not.toContain(`celery-task-meta-${id}`);
  const outage = outages.find(({ path }) => path === 'result');
  expect(outage?.ms).toBeGreaterThan(1_000);
  expect(outage?.to).not.toBeNull();
  await canary.close();
  await lab.start(memberId(master, 'redis'));
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
});
