import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  describeLeftover,
  findLeftovers,
  identify,
  portHolder,
  RUN_MARK,
  type Scope,
  takeSnapshot,
} from './leftovers.ts';
import { LAB_MARK } from './processes.ts';

const LAB_DIR = `/tmp/none-${process.pid}`;
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

async function start(environment: Record<string, string>, code = ''): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', `${code};console.log('up');setInterval(() => {}, 1000)`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child as ChildProcess & { pid: number };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function listenOn(address: string, port: number): string {
  return `require('net').createServer().listen(${port}, '${address}', () => console.log('up'));`;
}

describe('leftovers', () => {
  const scope: Scope = { mark: `test-${process.pid}`, labDir: LAB_DIR, ports: [] };

  it('are processes with the mark of the run, by pid and command line', async () => {
    const before = takeSnapshot(scope);
    const child = await start({ [RUN_MARK]: scope.mark });
    const left = (await findLeftovers(before, scope, 0)).filter(({ pid }) => pid === child.pid);
    expect(left).toMatchObject([{ kind: 'process' }]);
    expect(describeLeftover(left[0] as (typeof left)[0])).toMatch(`pid ${child.pid} (${process.execPath} -e`);
  });

  it('are processes that a marked process started and that left its group', async () => {
    const before = takeSnapshot(scope);
    const code = `const c = require('child_process').spawn('sleep', ['30'], {detached: true, stdio: 'ignore'}); c.unref()`;
    const parent = await start({ [RUN_MARK]: scope.mark }, code);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    const left = await findLeftovers(before, scope, 0);
    expect(left).toMatchObject([{ kind: 'process', command: 'sleep 30' }]);
    process.kill(left[0]?.pid as number, 'SIGKILL');
    expect(await findLeftovers(before, scope, 2_000)).toEqual([]);
  });

  it('are processes of the lab, whatever started them', async () => {
    const before = takeSnapshot(scope);
    const child = await start({ [LAB_MARK]: LAB_DIR });
    expect(await findLeftovers(before, scope, 0)).toMatchObject([{ kind: 'process', pid: child.pid }]);
  });

  it('are listeners on the addresses of the lab and on the ports of the run, with their owner', async () => {
    const port = await freePort();
    const before = takeSnapshot({ ...scope, ports: [port] });
    const one = await start({}, listenOn('127.0.1.1', port));
    const two = await start({}, listenOn('127.0.0.1', port));
    await expect
      .poll(async () => (await findLeftovers(before, { ...scope, ports: [port] }, 0)).map(describeLeftover).sort())
      .toEqual([
        expect.stringContaining(`listener left: 127.0.0.1:${port} of pid ${two.pid} (`),
        expect.stringContaining(`listener left: 127.0.1.1:${port} of pid ${one.pid} (`),
      ]);
  });

  it('are not what was there before', async () => {
    const port = await freePort();
    const child = await start({ [LAB_MARK]: LAB_DIR, [RUN_MARK]: scope.mark }, listenOn('127.0.1.1', port));
    await expect.poll(() => takeSnapshot(scope).listeners.size).toBeGreaterThan(0);
    const before = takeSnapshot(scope);
    expect(before.processes.size).toBe(1);
    expect((await findLeftovers(before, scope, 0)).filter(({ pid }) => pid === child.pid)).toEqual([]);
  });

  it('are not processes and listeners of somebody else', async () => {
    const port = await freePort();
    const before = takeSnapshot(scope);
    const child = await start({ [RUN_MARK]: 'another', [LAB_MARK]: '/another' }, listenOn('127.0.0.1', port));
    await expect.poll(() => portHolder(port)?.pid).toBe(child.pid);
    expect((await findLeftovers(before, scope, 0)).filter(({ pid }) => pid === child.pid)).toEqual([]);
  });

  it('are no business of a run without a lab where a lab left them', async () => {
    const port = await freePort();
    const alone = { ...scope, labDir: undefined };
    const before = takeSnapshot(alone);
    await start({ [LAB_MARK]: '/some/lab' }, listenOn('127.0.1.1', port));
    await expect.poll(() => takeSnapshot(scope).listeners.size).toBeGreaterThan(0);
    expect(await findLeftovers(before, alone, 0)).toEqual([]);
  });

  it('may take a moment to end', async () => {
    const alone = { ...scope, labDir: undefined };
    const before = takeSnapshot(alone);
    const child = await start({ [RUN_MARK]: scope.mark });
    setTimeout(() => child.kill('SIGKILL'), 300);
    expect(await findLeftovers(before, alone, 5_000)).toEqual([]);
  });
});

describe('processes', () => {
  it('are told apart by the time they started', async () => {
    const child = await start({});
    expect(identify(child.pid)).toMatchObject({ pid: child.pid, startTicks: expect.stringMatching(/^\d+$/) });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(identify(child.pid)).toBeUndefined();
  });

  it('do not count when they have ended and nobody has collected them', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0.1 & exec sleep 60'], { stdio: 'ignore' });
    children.push(parent);
    const state = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0];
    const child = () => Number(readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8'));
    await expect.poll(() => child() > 0 && state(child())).toBe('Z');
    expect(identify(child())).toBeUndefined();
  });

  it('are found by the port that they hold', async () => {
    const port = await freePort();
    expect(portHolder(port)).toBeUndefined();
    const child = await start({}, listenOn('127.0.0.1', port));
    await expect.poll(() => portHolder(port)).toEqual({ pid: child.pid, command: expect.stringContaining('-e') });
  });
});
