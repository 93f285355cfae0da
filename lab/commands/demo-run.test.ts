import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allPids, RUN_MARK, startVariable } from '#lab/leftovers.ts';

type StandIns = Partial<Record<'setUp' | 'build' | 'labUp' | 'labDown' | 'trellis', string>>;

let dir = '';
let port = 0;
const children: ChildProcess[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'demo-run-'));
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  server.close();
  await once(server, 'close');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const pid of ours()) process.kill(pid, 'SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

const SERVES = `exec "$NODE" -e 'require("http").createServer((q, s) => s.end()).listen(process.env.PORT, "127.0.0.1"); console.log("a line of Trellis")'`;
const BUILDS = 'mkdir -p .next/standalone && touch .next/standalone/server.js';

/** What the demo started and what still lives of it. */
function ours(): number[] {
  return allPids().filter((pid) => startVariable(pid, RUN_MARK)?.endsWith(`:${dir}`));
}

function demo(standIns: StandIns = {}, verb: 'run' | 'stop' = 'run'): ChildProcess & { output: () => string } {
  const all = { setUp: 'true', build: BUILDS, labUp: 'true', labDown: 'true', trellis: SERVES, ...standIns };
  const note = (name: keyof typeof all) => JSON.stringify(`echo ${name} >> ran; ${all[name]}`);
  const at = (file: string) => JSON.stringify(join(import.meta.dirname, file));
  const code = `
    const { runDemo, stopDemo } = await import(${at('demo-run.ts')});
    const { runCommand, CommandError } = await import(${at('progress.ts')});
    const { markOf, ownIdentity } = await import(${at('workspace.ts')});
    const { spawnSync } = await import('node:child_process');
    const ended = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => ended.abort());
    const root = ${JSON.stringify(dir)};
    const plan = {
      root,
      env: { ...process.env, NODE: process.execPath, PORT: '${port}', ${RUN_MARK}: markOf('demo', root, ownIdentity()) },
      setUp: async () => { if (spawnSync('sh', ['-c', ${note('setUp')}], { cwd: root }).status !== 0) throw new CommandError('no packages'); },
      build: [${note('build')}],
      labUp: ['sh', '-c', ${note('labUp')}],
      labDown: ['sh', '-c', ${note('labDown')}],
      trellis: { command: ['sh', '-c', ${note('trellis')}], url: 'http://127.0.0.1:${port}', port: ${port} },
    };
    await runCommand(() => ${verb === 'run' ? 'runDemo(plan, ended.signal)' : 'stopDemo(plan)'});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: dir,
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return Object.assign(child, { output: () => output });
}

async function codeOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

async function shown(child: ReturnType<typeof demo>): Promise<void> {
  await expect.poll(() => child.output(), { timeout: 10_000 }).toContain(`Trellis is at http://127.0.0.1:${port}`);
}

function ran(): string[] {
  return existsSync(join(dir, 'ran')) ? readFileSync(join(dir, 'ran'), 'utf8').trim().split('\n') : [];
}

describe('the demo', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('shows Trellis until %s, and leaves nothing', async (signal) => {
    const child = demo();
    await shown(child);
    expect(child.output()).toContain('a line of Trellis');
    expect(ours().length).toBeGreaterThan(0);
    child.kill(signal);
    child.kill(signal);
    expect(await codeOf(child)).toBe(0);
    expect(ran().at(-1)).toBe('labDown');
    expect(ours()).toEqual([]);
    expect(existsSync(join(dir, '.lab/demo.json'))).toBe(false);
  });

  it('builds beside the lab the first time, and not again', async () => {
    const first = demo({ labUp: 'until grep -q build ran; do sleep 0.05; done' });
    await shown(first);
    first.kill('SIGINT');
    await codeOf(first);
    expect(ran().filter((name) => name === 'build')).toHaveLength(1);
    const second = demo();
    await shown(second);
    second.kill('SIGINT');
    await codeOf(second);
    expect(ran().filter((name) => name === 'build')).toHaveLength(1);
  });

  it('is there once', async () => {
    const first = demo();
    await shown(first);
    const second = demo();
    expect(await codeOf(second)).toBe(0);
    expect(second.output()).toContain(`already running at http://127.0.0.1:${port}`);
    expect(ran()).not.toContain('labDown');
    expect(first.exitCode).toBeNull();
  });

  it('is ended from another terminal', async () => {
    const first = demo();
    await shown(first);
    const stop = demo({}, 'stop');
    expect(await codeOf(stop)).toBe(0);
    expect(first.exitCode ?? (await codeOf(first))).toBe(0);
    expect(ran().filter((name) => name === 'labDown')).toHaveLength(1);
    expect(ours()).toEqual([]);
  });

  it('is put away from another terminal after it was killed', async () => {
    const first = demo();
    await shown(first);
    first.kill('SIGKILL');
    await codeOf(first);
    expect(ours().length).toBeGreaterThan(0);
    const stop = demo({}, 'stop');
    expect(await codeOf(stop)).toBe(0);
    expect(ran().at(-1)).toBe('labDown');
    expect(ours()).toEqual([]);
  });

  it('starts again after it was killed', async () => {
    const first = demo();
    await shown(first);
    first.kill('SIGKILL');
    await codeOf(first);
    const second = demo();
    await shown(second);
    second.kill('SIGINT');
    expect(await codeOf(second)).toBe(0);
    expect(ours()).toEqual([]);
  });

  it('has nothing to end where none runs', async () => {
    const stop = demo({}, 'stop');
    expect(await codeOf(stop)).toBe(0);
    expect(stop.output()).toContain('No demo is running.');
    expect(ran()).toEqual([]);
  });

  it('ends while the lab comes up', async () => {
    const child = demo({ labUp: 'sleep 60' });
    await expect.poll(ran, { timeout: 10_000 }).toContain('labUp');
    child.kill('SIGINT');
    expect(await codeOf(child)).toBe(0);
    expect(ran()).not.toContain('trellis');
    expect(ran().at(-1)).toBe('labDown');
    expect(ours()).toEqual([]);
  });

  it('says so when Trellis ends by itself', async () => {
    const dies = SERVES.replace('s.end()', 's.end(() => setTimeout(() => process.exit(7), 300))');
    const child = demo({ trellis: dies });
    expect(await codeOf(child)).toBe(1);
    expect(child.output()).toContain('Trellis ended by itself: exit code 7');
    expect(ran().at(-1)).toBe('labDown');
  });

  it('says which command failed, and ends the other', async () => {
    const child = demo({ labUp: 'sleep 60', build: 'echo a type error; exit 2' });
    expect(await codeOf(child)).toBe(1);
    expect(child.output()).toContain('a type error');
    expect(child.output()).toContain('exit code 2');
    expect(child.output()).not.toContain('interrupted');
    expect(ran().at(-1)).toBe('labDown');
    expect(ours()).toEqual([]);
  });

  it('names the process that holds its port, and starts nothing', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const child = demo();
    const code = await codeOf(child);
    other.close();
    expect(code).toBe(1);
    expect(child.output()).toContain(`needs port ${port} of 127.0.0.1, and pid ${process.pid} (`);
    expect(ran()).toEqual([]);
  });

  it('says what is missing, and starts nothing', async () => {
    const child = demo({ setUp: 'false' });
    expect(await codeOf(child)).toBe(1);
    expect(child.output()).toContain('no packages');
    expect(ran()).toEqual(['setUp']);
  });
});
