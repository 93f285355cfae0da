/** The intake on the real lab: what its ledger knows is in the history, whatever happens to connections and disk. */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openLab } from '#lab/control.ts';
import { ADDRESSES, HOSTS, PORTS } from '#lab/layout.ts';
import { secretFile } from '#lab/paths.ts';
import { brokerAddresses } from '#server/amqp/addresses.ts';
import { sqliteTasks } from '#server/history/tasks/sqlite/store.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import { systemClock } from '#server/runtime/clock.ts';
import { type Ingest, startIngest } from './ingest.ts';

const lab = openLab();
const dir = mkdtempSync(join(tmpdir(), 'trellis-ingest-lab-'));
const GIB = 1024 ** 3;
const CONNECTION = 'trellis (intake)';
const queues: string[] = [];

type Running = { ingest: Ingest; tasks: TaskReader; queue: string; startedAt: number; stop(): Promise<void> };

const password = (user: 'trellis-read' | 'trellis-act') => readFileSync(secretFile(lab.paths, user), 'utf8').trim();

/** An intake of its own, consuming. */
async function start(path: string, queue = `trellis.events.test-${randomUUID().slice(0, 8)}`): Promise<Running> {
  queues.push(queue);
  const nodes = Object.fromEntries(HOSTS.map((host) => [host, { amqp: `${ADDRESSES[host]}:${PORTS.amqp}` }]));
  const ingest = startIngest({
    options: {
      ...{ path, suffix: 'test', acting: null, enable: false, results: null, carried: null },
      addresses: brokerAddresses({ rabbitmq: { nodes } }),
      login: { user: 'trellis-read', password: password('trellis-read'), vhost: '/' },
      queue: { queue, exchange: 'celeryev', maxBytes: GIB, mode: 'auto' },
      retention: { maxAgeMs: 86_400_000, maxRows: 1_000_000, maxBytes: GIB },
    },
    ...{ clock: systemClock(), random: Math.random, onProblem: () => undefined },
  });
  const tasks = sqliteTasks(path);
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    ingest.stop();
    ingest.waitStopped(2_000);
    await tasks.close();
  };
  onTestFinished(stop);
  await expect.poll(() => ingest.report?.ingest.state, { timeout: 30_000 }).toBe('consuming');
  return { ingest, tasks, queue, startedAt: Date.now(), stop };
}

type LedgerTask = { id: string; state: string };

/** Tasks published between these times whose end the traffic has seen; those on their way at `from` are left out. */
function ended(from: number, to: number): LedgerTask[] {
  const ledger = new DatabaseSync(lab.paths.ledger, { readOnly: true });
  try {
    const rows = ledger
      .prepare(
        'select id, observed_state as state from task where published_at_ms between ? and ? ' +
          "and confirmed_at_ms is not null and observed_state in ('SUCCESS', 'FAILURE')",
      )
      .all(from, to);
    return rows as unknown as LedgerTask[];
  } finally {
    ledger.close();
  }
}

/** Resolves when the ledger knows so many ends of tasks published after `from`; returns the time. */
async function traffic(from: number, count: number): Promise<number> {
  await expect.poll(() => ended(from, Date.now()).length, { timeout: 90_000, interval: 500 }).toBeGreaterThan(count);
  return Date.now();
}

/** Tasks of the ledger that the history does not have, or with another end. */
async function differences(tasks: TaskReader, expected: readonly LedgerTask[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { id, state } of expected) {
    const found = await tasks.task(id);
    if (found?.task.state !== state) wrong.push(`${id}: ${found?.task.state ?? 'missing'}, not ${state}`);
  }
  return wrong;
}

async function expectWhole(running: Running, to: number): Promise<void> {
  const expected = ended(running.startedAt, to);
  await expect.poll(() => differences(running.tasks, expected), { timeout: 60_000, interval: 1_000 }).toEqual([]);
}

async function management<T>(method: 'GET' | 'DELETE', path: string): Promise<T | null> {
  const authorization = `Basic ${Buffer.from(`trellis-act:${password('trellis-act')}`).toString('base64')}`;
  const url = `http://${ADDRESSES['host-1']}:${PORTS.management}${path}`;
  const response = await fetch(url, { method, headers: { authorization } });
  return response.status === 200 ? ((await response.json()) as T) : null;
}

type Connection = { name: string; client_properties?: { connection_name?: string } };

/** Force-closes what intakes have open, and returns how many that were. */
async function cutIntakes(): Promise<number> {
  const all = (await management<Connection[]>('GET', '/api/connections')) ?? [];
  const own = all.filter((one) => one.client_properties?.connection_name === CONNECTION);
  for (const { name } of own) await management('DELETE', `/api/connections/${encodeURIComponent(name)}`);
  return own.length;
}

beforeAll(() => lab.up());
afterAll(async () => {
  for (const queue of queues) await management('DELETE', `/api/queues/%2F/${encodeURIComponent(queue)}`);
  rmSync(dir, { recursive: true });
});

test('every task of the ledger arrives with its true end, by a quorum queue, and every worker is online', async () => {
  const running = await start(join(dir, 'all.db'));
  await expectWhole(running, await traffic(running.startedAt, 100));
  const { ingest, workers } = running.ingest.report ?? {};
  expect(ingest).toMatchObject({ mode: 'quorum', modeReason: null, rejected: {}, missedTasks: 0 });
  const online = workers?.filter(({ state }) => state === 'online').map(({ id }) => id);
  expect(online).toEqual(expect.arrayContaining(HOSTS.map((host) => `celery@${host}`)));
});

test('force-closed connections lose nothing, and the intake is back by itself', async () => {
  const running = await start(join(dir, 'cut.db'));
  for (let round = 1; round <= 5; round += 1) {
    await traffic(running.startedAt, round * 30);
    // RabbitMQ lists a new connection only after some seconds.
    await expect.poll(cutIntakes, { timeout: 30_000, interval: 500 }).toBeGreaterThan(0);
    await expect.poll(() => running.ingest.report?.ingest.state, { timeout: 30_000 }).toBe('consuming');
  }
  await expectWhole(running, await traffic(running.startedAt, 250));
  expect(running.ingest.report?.ingest.missedTasks).toBe(0);
});

test('what was published while Trellis was away is there after it came back', async () => {
  const path = join(dir, 'away.db');
  const first = await start(path);
  await traffic(first.startedAt, 20);
  await first.stop();
  const away = Date.now();
  await traffic(away, 50);
  const again = await start(path, first.queue);
  await expectWhole({ ...again, startedAt: first.startedAt }, Date.now());
});

test('a full disk stops the acknowledging and says so; with room again nothing is missing', async ({ skip }) => {
  const disk = join(dir, 'small');
  mkdirSync(disk);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'trellis-test', disk]);
  if (mounted.status !== 0) return skip('a file system of its own takes root');
  onTestFinished(() => void spawnSync('umount', ['--lazy', disk]));
  const running = await start(join(disk, 'tasks.db'));
  const ballast = join(disk, 'ballast');
  try {
    writeFileSync(ballast, Buffer.alloc(4 * 1024 * 1024));
  } catch {
    // It is full: that is what was wanted.
  }
  const state = () => running.ingest.report?.ingest;
  await expect.poll(state, { timeout: 60_000 }).toMatchObject({ state: 'storing-fails' });
  expect(state()?.problem).toMatch(/Tasks cannot be stored: .*Nothing is lost meanwhile/);
  const waiting = async () =>
    (await management<{ messages?: number }>('GET', `/api/queues/%2F/${running.queue}`))?.messages ?? 0;
  await expect.poll(waiting, { timeout: 30_000 }).toBeGreaterThan(10);
  const to = await traffic(running.startedAt, 30);
  rmSync(ballast);
  await expect.poll(state, { timeout: 30_000 }).toMatchObject({ state: 'consuming' });
  await expectWhole(running, to);
});
