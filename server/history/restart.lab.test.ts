/** The history over restarts, on the real build. No lab is needed: its estate simply does not answer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Timeline, timelineSchema } from '#lib/contract/timeline.ts';
import { batchOf, factOf, transitionOf } from './history-contract.ts';
import { sqliteHistory } from './sqlite/store.ts';

const PORT = 3998;
const START = join(import.meta.dirname, '..', 'cli', 'start.ts');
let dir: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-restart-'));
});
afterEach(async () => {
  if (child !== undefined) await end('SIGKILL');
  rmSync(dir, { recursive: true });
});

async function start(): Promise<void> {
  const config = join(dir, 'trellis.yaml');
  writeFileSync(
    config,
    `estate: { name: nobody }\nlisten: 127.0.0.1:${PORT}\ndataDir: data\nconsul: { agents: [http://127.0.9.1:8500] }\n`,
  );
  child = spawn(process.execPath, [START, '--config', config], { stdio: 'ignore' });
  await expect.poll(() => timeline().catch(() => null), { timeout: 20_000 }).not.toBeNull();
}

async function end(signal: NodeJS.Signals): Promise<void> {
  const ending = child;
  child = undefined;
  if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
  ending.kill(signal);
  await once(ending, 'exit');
}

async function timeline(query = ''): Promise<Timeline> {
  const response = await fetch(`http://127.0.0.1:${PORT}/api/v1/timeline${query}`);
  expect(response.status).toBe(200);
  const body = await response.json();
  expect(timelineSchema.safeParse(body).error).toBeUndefined();
  return body;
}

/** The stretches of Trellis itself, oldest first. */
const ownBlind = async () => (await timeline()).blind.filter(({ what }) => what === 'trellis');
const agentBlind = async () => (await timeline()).blind.filter(({ what }) => what.startsWith('consul/127.0.9.1'));

async function earlierProcess(): Promise<void> {
  const store = sqliteHistory(join(dir, 'data', 'history.db'));
  await store.recall(1);
  await store.append(
    batchOf({ transitions: [transitionOf(5_000_000), transitionOf(6_000_000)], facts: [factOf('x', '1')], aliveAt: 9 }),
  );
  await store.close();
}

test('after kill -9 the timeline is as it was, with the time of blindness marked, and the same again after SIGTERM', async () => {
  await earlierProcess();
  await start();
  expect((await timeline()).transitions.map(({ id }) => id)).toEqual([5_000_000, 6_000_000]);
  await expect.poll(async () => (await agentBlind()).length, { timeout: 10_000 }).toBe(1);
  const [lasting] = await agentBlind();
  expect(lasting?.to).toBeNull();
  await expect.poll(async () => (await timeline()).history).toMatchObject({ state: 'ok', pending: 0 });

  await end('SIGKILL');
  await start();
  expect((await timeline('?limit=1')).transitions.map(({ id }) => id)).toEqual([6_000_000]);
  const killed = (await ownBlind()).at(-1);
  expect(killed).toMatchObject({ code: 'lost' });
  const [ended] = await agentBlind();
  expect(ended).toEqual({ ...lasting, to: killed?.from });

  await end('SIGTERM');
  await start();
  expect((await timeline()).transitions).toHaveLength(2);
  expect((await ownBlind()).map(({ code }) => code)).toEqual(['lost', 'lost', 'stopped']);
});

test('a browser gets the transitions from before the restart with its snapshot', async () => {
  await earlierProcess();
  await start();
  const response = await fetch(`http://127.0.0.1:${PORT}/api/v1/stream`);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (!/event: snapshot\ndata: .*\n/.test(text))
    text += decoder.decode((await reader.read()).value, { stream: true });
  await reader.cancel();
  const snapshot = JSON.parse(/event: snapshot\ndata: (.*)\n/.exec(text)?.[1] ?? '{}');
  expect(snapshot.transitions.map(({ id }: { id: number }) => id)).toEqual([5_000_000, 6_000_000]);
});

test('a history that cannot be opened stops nothing: Trellis runs, and says what is wrong', async () => {
  await earlierProcess();
  writeFileSync(join(dir, 'data', 'history.db'), 'no database\n'.repeat(1_000));
  const config = join(dir, 'trellis.yaml');
  writeFileSync(config, `estate: { name: nobody }\nlisten: 127.0.0.1:${PORT}\ndataDir: data\n`);
  child = spawn(process.execPath, [START, '--config', config], { stdio: 'ignore' });
  const ask = (path: string) => fetch(`http://127.0.0.1:${PORT}${path}`).catch(() => null);
  await expect.poll(async () => (await ask('/api/health/ready'))?.status, { timeout: 20_000 }).toBe(200);
  const response = await ask('/api/v1/timeline');
  expect([response?.status, response?.headers.get('content-type')]).toEqual([503, 'application/problem+json']);
  const body = (await response?.json()) as { code: string; detail: string };
  expect(body.code).toBe('HISTORY_UNAVAILABLE');
  expect(body.detail).toMatch(/is damaged/);
});

test.each([
  ['limit=0', /^limit: /],
  ['before=x', /^before: /],
  ['code=Nothing', /^code\.0: /],
  ['colour=blue', /colour/],
])('?%s is a problem that names the parameter', async (query, detail) => {
  await start();
  const response = await fetch(`http://127.0.0.1:${PORT}/api/v1/timeline?${query}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
  const body = (await response.json()) as { code: string; detail: string };
  expect(body.code).toBe('INVALID_QUERY');
  expect(body.detail).toMatch(detail);
});
