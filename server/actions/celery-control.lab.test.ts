/** Workers of the real lab under control: what is told is done, what was seen is verified, and what was not is not. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { connect } from 'amqplib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openLab } from '#lab/control.ts';
import { ADDRESSES, HOSTS, type Host, memberId, PORTS, QUEUE } from '#lab/layout.ts';
import { secretFile } from '#lab/paths.ts';
import type { ControlOutcome, Operation, WorkerCommand } from '#lib/contract/control.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import type { TaskDetail } from '#lib/model/task.ts';
import { brokerAddress } from '#server/amqp/addresses.ts';
import type { ActContext } from '#server/commands/act.ts';
import { createHands, type Hands } from '#server/commands/hands.ts';
import { createOperations, type Operations } from '#server/commands/operations.ts';
import { retryTask } from '#server/commands/retry-task.ts';
import { sqliteTasks } from '#server/history/tasks/sqlite/store.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import { type Ingest, startIngest } from '#server/ingest/ingest.ts';
import type { IngestOptions } from '#server/ingest/report.ts';
import { systemClock } from '#server/runtime/clock.ts';

const lab = openLab();
const dir = mkdtempSync(join(tmpdir(), 'trellis-control-'));
const GIB = 1024 ** 3;
const NEVER = new AbortController().signal;
const identity = { name: 'local', role: 'admin', scopes: null } as const;
let ingest: Ingest;
let tasks: TaskReader;
let hands: Hands;
let operations: Operations;

const password = (user: 'trellis-read' | 'trellis-act') => readFileSync(secretFile(lab.paths, user), 'utf8').trim();
const login = (user: 'trellis-read' | 'trellis-act') => ({ user, password: password(user), vhost: '/' });
const worker = (host: Host) => `celery@${host}`;

function model(): Model {
  const told = (ingest.report?.workers ?? []).map((one) => [one.id, { ...one, host: null, by: '' }]);
  return { ...emptyModel(), celeryWorkers: Object.fromEntries(told) };
}

beforeAll(async () => {
  await lab.up();
  const path = join(dir, 'tasks.db');
  const nodes = HOSTS.map((host) => ({ address: `${ADDRESSES[host]}:${PORTS.redis}`, role: null, up: true }));
  const intake: IngestOptions = {
    addresses: HOSTS.flatMap((host) => brokerAddress(`amqp://${ADDRESSES[host]}:${PORTS.amqp}`) ?? []),
    ...{ path, login: login('trellis-read'), acting: login('trellis-act'), enable: false, carried: null },
    ...{ suffix: randomUUID().slice(0, 8), results: { db: 0, keyPrefix: '', nodes } },
    queue: { queue: 'trellis.events.control-test', exchange: 'celeryev', maxBytes: GIB, mode: 'exclusive' },
    retention: { maxAgeMs: 86_400_000, maxRows: 1_000_000, maxBytes: GIB },
  };
  const clock = systemClock();
  ingest = startIngest({ options: intake, clock, random: Math.random, onProblem: () => undefined });
  tasks = sqliteTasks(path);
  const entrances = { broker: [`amqp://${ADDRESSES['host-1']}:${PORTS.proxyAmqp}//`] };
  const made = createHands({ intake, entrances, resultService: null, tasks, model, clock, pid: process.pid });
  if (made === null) throw new Error('there are credentials to act');
  hands = made;
  const audit = { append: async (note: object) => ({ ...note, seq: 1, at: 1, previous: '', hash: '' }) as never };
  operations = createOperations({ clock, audit, onProblem: () => undefined });
  const heard = () => expect(ingest.report?.workers.length ?? 0).toBeGreaterThanOrEqual(HOSTS.length);
  await vi.waitFor(heard, { timeout: 30_000 });
});

afterAll(async () => {
  await operations.stop();
  hands.close();
  ingest.stop();
  ingest.waitStopped(2_000);
  await tasks.close();
  for (const host of HOSTS) await lab.start(memberId(host, 'worker'));
  rmSync(dir, { recursive: true });
});

const command = (what: WorkerCommand): Promise<ControlOutcome> => hands.control.command(what, NEVER);
const ask = async (host: Host, method: 'stats' | 'active' | 'reserved') =>
  (await hands.control.inspect(method, { workers: [worker(host)], timeoutMs: 2_000 }))[worker(host)];

async function send(name: string, args: readonly unknown[], queue: string = QUEUE): Promise<string> {
  const id = randomUUID();
  await hands.publisher.publish({ id, name, args, kwargs: {}, origin: hands.origin }, queue);
  return id;
}

async function taskOf(id: string): Promise<TaskDetail | null> {
  return (await tasks.task(id).catch(() => null))?.task ?? null;
}
const stateOf = async (id: string) => (await taskOf(id))?.state;

/** Runs `use` with a queue of its own, which only one worker consumes and not the other ones. */
async function withOwnQueue(host: Host, use: (queue: string) => Promise<void>): Promise<void> {
  const queue = `lab.control.${randomUUID().slice(0, 8)}`;
  expect((await command({ method: 'add_consumer', worker: worker(host), queue })).stage).toBe('verified');
  try {
    await use(queue);
  } finally {
    await command({ method: 'cancel_consumer', worker: worker(host), queue });
    const connection = await connect({ hostname: ADDRESSES[host], port: PORTS.amqp, ...amqpUser() });
    await (await connection.createChannel()).deleteQueue(queue);
    await connection.close();
  }
}

function amqpUser() {
  return { username: 'trellis-act', password: password('trellis-act') };
}

test('all workers answer a ping, each under its name', async () => {
  const replies = await hands.control.inspect('ping', { workers: null, timeoutMs: 3_000 });
  for (const host of HOSTS) expect(replies[worker(host)]).toEqual({ ok: 'pong' });
});

test('a pool grows and shrinks, and both are verified by its processes', async () => {
  const grown = await command({ method: 'pool_grow', worker: worker('host-1'), n: 2 });
  expect([grown.stage, grown.evidence]).toEqual(['verified', 'celery@host-1: its pool has 6, and had 4.']);
  const shrunk = await command({ method: 'pool_shrink', worker: worker('host-1'), n: 2 });
  expect([shrunk.stage, shrunk.evidence]).toEqual(['verified', 'celery@host-1: its pool has 4, and had 6.']);
});

test('a queue of its own: consumer added and cancelled, both verified', async () => {
  await withOwnQueue('host-2', async (queue) => {
    const id = await send('lab.add', [1, 2], queue);
    await expect
      .poll(() => taskOf(id), { timeout: 20_000 })
      .toMatchObject({ state: 'SUCCESS', worker: worker('host-2') });
  });
});

test('rate and time limits on all workers are verified by what they list', async () => {
  const limits = [
    { method: 'rate_limit', worker: null, task: 'lab.fail', rate: '600/m' },
    { method: 'time_limit', worker: null, task: 'lab.fail', soft: 30, hard: 60 },
    { method: 'rate_limit', worker: null, task: 'lab.fail', rate: '0' },
    { method: 'time_limit', worker: null, task: 'lab.fail', soft: null, hard: null },
  ] as const;
  for (const limit of limits) expect(await command(limit)).toMatchObject({ stage: 'verified' });
});

test('what a worker refuses is told in its words, and a task that it does not know is not sent', async () => {
  const refused = await command({ method: 'pool_restart', worker: worker('host-1') });
  expect([refused.stage, refused.evidence]).toEqual(['refused', expect.stringContaining('Pool restarts not enabled')]);
  expect(await command({ method: 'rate_limit', worker: null, task: 'nosuch', rate: '1/s' })).toMatchObject({
    stage: 'refused',
  });
});

test('a paused worker: not verified, and it does nothing of it when it comes back', async () => {
  await lab.pause(memberId('host-3', 'worker'));
  try {
    const paused = await command({ method: 'pool_grow', worker: worker('host-3'), n: 1 });
    expect(paused.stage).toBe('not-verified');
    expect(paused.evidence).toMatch(/^Nothing was sent: celery@host-3 does not answer/);
  } finally {
    await lab.resume(memberId('host-3', 'worker'));
  }
  await expect
    .poll(() => ask('host-3', 'stats'), { timeout: 60_000 })
    .toMatchObject({ pool: { processes: { length: 4 } } });
});

test('a task that is reserved is revoked: it never starts', async () => {
  await withOwnQueue('host-2', async (queue) => {
    // Four processes, and the worker takes one more for each.
    const ids = await Promise.all(Array.from({ length: 8 }, () => send('lab.sleep', [6], queue)));
    // Only once all processes have one: until then the reserved are about to start.
    await expect.poll(() => ask('host-2', 'active'), { timeout: 20_000, interval: 100 }).toHaveLength(4);
    const [first] = (await ask('host-2', 'reserved')) as { id: string }[];
    const id = ids.find((one) => one === first?.id);
    if (id === undefined) throw new Error('none of these is reserved');
    const done = await hands.control.revoke([id], { terminate: false, signal: 'SIGTERM' }, NEVER);
    expect(['acknowledged', 'verified']).toContain(done.stage);
    await expect.poll(() => stateOf(id), { timeout: 60_000 }).toBe('REVOKED');
    expect((await taskOf(id))?.startedAt).toBeNull();
  });
});

test('a task that runs is terminated: verified, and REVOKED', async () => {
  const id = await send('lab.sleep', [60]);
  await expect.poll(() => stateOf(id), { timeout: 60_000, interval: 100 }).toBe('STARTED');
  const done = await hands.control.revoke([id], { terminate: true, signal: 'SIGKILL' }, NEVER);
  expect(done.stage).toBe('verified');
  await expect.poll(() => stateOf(id), { timeout: 20_000 }).toBe('REVOKED');
});

test('a failed task is retried with exactly its arguments, as a new task that names it', async () => {
  const why = 'it\'s "so"\\n\n1.0…';
  const id = await send('lab.fail', [why]);
  await expect.poll(() => stateOf(id), { timeout: 60_000 }).toBe('FAILURE');
  const ctx: ActContext = { hands, operations, clock: Date.now };
  const gate = { identity, reason: 'because', request: randomUUID(), body: { twice: false, queue: QUEUE } };
  const { id: operation } = await retryTask(ctx, id, gate);
  const now = (): Operation | null => operations.get(operation);
  await expect.poll(() => now()?.stage, { timeout: 40_000 }).toBe('verified');
  const again = now()?.tasks[0] ?? '';
  expect(again).not.toBe(id);
  await expect.poll(() => stateOf(again), { timeout: 20_000 }).toBe('FAILURE');
  expect((await taskOf(again))?.exception).toBe((await taskOf(id))?.exception);
});

test('a queue that is not there: an error that names it, and nothing is published', async () => {
  await expect(send('lab.add', [1, 2], 'nosuch')).rejects.toMatchObject({
    code: 'PUBLISH_UNROUTABLE',
    message: /nosuch/,
  });
});

test('a busy worker is drained: gone when verified, and no task is lost or repeated', {
  timeout: 300_000,
}, async () => {
  const began = Date.now();
  const ids = await Promise.all(Array.from({ length: 12 }, () => send('lab.sleep', [5])));
  await expect
    .poll(async () => ((await ask('host-2', 'active')) as unknown[]).length, { timeout: 30_000 })
    .toBeGreaterThan(0);
  const done = await command({ method: 'drain', worker: worker('host-2'), waitSeconds: 120 });
  expect([done.stage, done.evidence]).toEqual([
    'verified',
    expect.stringMatching(/was empty, was told to shut down, and is gone/),
  ]);
  const member = (await lab.status()).members.find(({ id }) => id === memberId('host-2', 'worker'));
  expect(member?.pids).toEqual([]);
  const until = Date.now();
  for (const id of ids) await expect.poll(() => stateOf(id), { timeout: 60_000 }).toBe('SUCCESS');
  const repeated = (await Promise.all(ids.map(taskOf))).filter((task) => (task?.redeliveries ?? 0) > 0);
  expect(repeated).toEqual([]);
  await expect
    .poll(() => openInLedger(began, until), { timeout: 90_000, interval: 1_000 })
    .toEqual({ open: 0, wrong: 0 });
  await lab.start(memberId('host-2', 'worker'));
  await expect.poll(() => model().celeryWorkers[worker('host-2')]?.state, { timeout: 60_000 }).toBe('online');
});

/** Confirmed tasks of the lab's own account: those without an end, and those with another end or more retries than they should have. */
function openInLedger(from: number, to: number): { open: number; wrong: number } {
  const ledger = new DatabaseSync(lab.paths.ledger, { readOnly: true });
  try {
    const row = ledger
      .prepare(
        `select count(*) filter (where observed_state is null) as open,
                count(*) filter (where observed_state <> expected_state or observed_retries <> expected_retries) as wrong
         from task where confirmed_at_ms between ? and ?`,
      )
      .get(from, to);
    return { open: Number(row?.open), wrong: Number(row?.wrong) };
  } finally {
    ledger.close();
  }
}
