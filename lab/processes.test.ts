import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { listeners } from './ports.ts';
import {
  ageMs,
  killMembers,
  type MarkedProcess,
  markedProcesses,
  memberProcesses,
  setPaused,
  topmost,
} from './processes.ts';
import { markedEnvironment } from './programs.ts';

const ROOT = `/nowhere/${process.pid}/.lab`;
const MEMBER = 'host-1/beat';

afterEach(() => killMembers(ROOT, [MEMBER]));

/** Returns when the process, and the child that it puts into a session of its own, both live. */
async function startFamily(): Promise<ChildProcess> {
  const code = `
    const child = require('child_process').spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    child.once('spawn', () => console.log('up'));
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: markedEnvironment(ROOT, MEMBER),
  });
  if (parent.stdout !== null) await once(parent.stdout, 'data');
  return parent;
}

describe('processes of the lab', () => {
  it('are found by their mark, in whatever session they are', async () => {
    const parent = await startFamily();
    const found = markedProcesses(ROOT);
    expect(found).toHaveLength(2);
    expect(topmost(found).map(({ pid }) => pid)).toEqual([parent.pid]);
    expect(found.every(({ member, lab }) => member === MEMBER && lab === ROOT)).toBe(true);
  });

  it('are none of another lab’s, and none of another member’s', async () => {
    await startFamily();
    expect(markedProcesses(`${ROOT}-other`)).toEqual([]);
    expect(memberProcesses(ROOT, ['host-2/beat'])).toEqual([]);
  });

  it('are all gone after a kill, zombies not counted', async () => {
    await startFamily();
    await killMembers(ROOT, [MEMBER]);
    expect(markedProcesses(ROOT)).toEqual([]);
  });

  it('have let go of their sockets after a kill, however much memory the kernel must take back first', async () => {
    const code = `
      globalThis.ballast = Buffer.alloc(600e6, 1);
      const server = require('net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port));`;
    const child = spawn(process.execPath, ['-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: markedEnvironment(ROOT, MEMBER),
    });
    const [text] = child.stdout === null ? [] : await once(child.stdout, 'data');
    const port = Number(text);
    expect(listeners().some((listener) => listener.port === port)).toBe(true);
    await killMembers(ROOT, [MEMBER]);
    expect(listeners().some((listener) => listener.port === port)).toBe(false);
  });

  it('are all paused, and can be killed while they are', async () => {
    await startFamily();
    await setPaused(ROOT, [MEMBER], true);
    expect(memberProcesses(ROOT, [MEMBER]).map(({ paused }) => paused)).toEqual([true, true]);
    await killMembers(ROOT, [MEMBER]);
    expect(markedProcesses(ROOT)).toEqual([]);
  });

  it('carry none of the caller’s own variables', () => {
    expect(Object.keys(markedEnvironment(ROOT, MEMBER)).sort()).toEqual([
      'LANG',
      'PATH',
      'TRELLIS_LAB',
      'TRELLIS_LAB_MEMBER',
    ]);
  });
});

it('the age of a process is the time since its start', () => {
  expect(Math.abs(ageMs(process.pid) - process.uptime() * 1000)).toBeLessThan(2_000);
  expect(ageMs(999_999_999)).toBe(0);
});

describe('topmost', () => {
  it('keeps orphans: their parent is no process of the lab', () => {
    const process = (pid: number, parentPid: number): MarkedProcess => ({
      pid,
      parentPid,
      paused: false,
      lab: ROOT,
      member: MEMBER,
      command: '',
    });
    expect(topmost([process(10, 1), process(11, 10), process(20, 1)]).map(({ pid }) => pid)).toEqual([10, 20]);
  });
});
