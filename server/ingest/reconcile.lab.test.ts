/** What becomes of a task whose worker is killed in the middle of it: on the real lab, by the real intake. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openLab } from '#lab/control.ts';
import { ADDRESSES, HOSTS, type Host, memberId, PORTS, QUEUE } from '#lab/layout.ts';
import { secretFile } from '#lab/paths.ts';
import type { TaskDetail } from '#lib/model/task.ts';
import { brokerAddress } from '#server/amqp/addresses.ts';
import { taskMessage } from '#server/celery/messages.ts';
import { sqliteTasks } from '#server/history/tasks/sqlite/store.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import { systemClock } from '#server/runtime/clock.ts';
import { type Ingest, startIngest } from './ingest.ts';

const lab = openLab();
const dir = mkdtempSync(join(tmpdir(), 'trellis-reconcile-'));
const GIB = 1024 ** 3;
/** Longer than anybody looks here, and shorter than what a worker's stop waits for. */
const SLEEP_SECONDS = 15;
let ingest: Ingest;
let tasks: TaskReader;

const password = (user: 'app' | 'trellis-read' | 'trellis-act') =>
  readFileSync(secretFile(lab.paths, user), 'utf8').trim();
const login = (user: 'trellis-read' | 'trellis-act') => ({ user, password: password(user), vhost: '/' });

beforeAll(async () => {
  await lab.up();
  const path = join(dir, 'tasks.db');
  const addresses = HOSTS.flatMap((host) => brokerAddress(`amqp://${ADDRESSES[host]}:${PORTS.amqp}`) ?? []);
  const nodes = HOSTS.map((host) => ({ address: `${ADDRESSES[host]}:${PORTS.redis}`, role: null, up: true }));
  ingest = startIngest({
    options: {
      ...{ path, addresses, login: login('trellis-read'), acting: login('trellis-act'), enable: false, carried: null },
      ...{ suffix: randomUUID().slice(0, 8), results: { db: 0, keyPrefix: '', nodes } },
      queue: { queue: 'trellis.events.reconcile-test', exchange: 'celeryev', maxBytes: GIB, mode: 'exclusive' },
      retention: { maxAgeMs: 86_400_000, maxRows: 1_000_000, maxBytes: GIB },
    },
    clock: systemClock(),
    random: Math.random,
    onProblem: () => undefined,
  });
  tasks = sqliteTasks(path);
  // Silence means something only once everybody was heard, and for a while.
  const heard = () => expect(ingest.report?.workers.length ?? 0).toBeGreaterThanOrEqual(HOSTS.length);
  await vi.waitFor(heard, { timeout: 30_000 });
  const heardAt = Date.now();
  await vi.waitFor(() => expect(Date.now() - heardAt).toBeGreaterThan(12_000), { timeout: 20_000, interval: 1_000 });
});

afterAll(async () => {
  ingest.stop();
  ingest.waitStopped(2_000);
  await tasks.close();
  for (const host of HOSTS) await lab.start(memberId(host, 'worker'));
  rmSync(dir, { recursive: true });
});

async function publish(name: string): Promise<string> {
  const id = randomUUID();
  const connection = await connect({
    ...{ hostname: ADDRESSES['host-1'], port: PORTS.proxyAmqp, username: 'app', password: password('app') },
  });
  const channel = await connection.createConfirmChannel();
  const call = { id, name, args: [SLEEP_SECONDS], kwargs: {}, origin: 'gen1@reconcile-test' };
  const { headers, properties, body } = taskMessage(call, Date.now());
  channel.publish('', QUEUE, Buffer.from(body), { ...properties, headers });
  await channel.waitForConfirms();
  await connection.close();
  return id;
}

async function taskOf(id: string): Promise<TaskDetail | null> {
  return (await tasks.task(id).catch(() => null))?.task ?? null;
}

const stateOf = async (id: string) => (await taskOf(id))?.state;
const workerState = (host: Host) => ingest.report?.workers.find(({ id }) => id === `celery@${host}`)?.state;

/** Waits until the task runs, then kills its worker, which must be shown as silent within six seconds. */
async function killItsWorker(id: string): Promise<Host> {
  await expect.poll(() => stateOf(id), { timeout: 60_000, interval: 100 }).toBe('STARTED');
  const worker = (await taskOf(id))?.worker;
  const host = HOSTS.find((one) => worker === `celery@${one}`);
  if (host === undefined) throw new Error(`${worker} is no worker of the lab`);
  await lab.kill(memberId(host, 'worker'));
  await expect.poll(() => workerState(host), { timeout: 6_000, interval: 50 }).toBe('silent');
  return host;
}

async function bringBack(host: Host): Promise<void> {
  await lab.start(memberId(host, 'worker'));
  await expect.poll(() => workerState(host), { timeout: 60_000 }).toBe('online');
}

test('a worker killed with a task that it had acknowledged: silent within 6 s, and the task is orphaned, with the evidence', async () => {
  const id = await publish('lab.sleep');
  const host = await killItsWorker(id);
  await expect.poll(() => stateOf(id), { timeout: 45_000 }).toBe('ORPHANED');
  const note = (await taskOf(id))?.events.find(({ type }) => type === 'orphaned')?.note;
  expect(note).toMatch(new RegExp(`^celery@${host} is silent since .* do not know it; no result in .*redelivered`));
  await expect.poll(() => ingest.report?.ingest.orphaned ?? 0, { timeout: 5_000 }).toBeGreaterThanOrEqual(1);
  await bringBack(host);
});

test('a worker killed with a task of late acknowledgement: another one gets it, and it succeeds', async () => {
  const id = await publish('lab.sleep_late');
  const host = await killItsWorker(id);
  await expect.poll(() => stateOf(id), { timeout: 90_000 }).toBe('SUCCESS');
  const task = await taskOf(id);
  expect(task?.worker).not.toBe(`celery@${host}`);
  expect(task?.redeliveries).toBeGreaterThanOrEqual(1);
  await bringBack(host);
});
