import { describe, expect, it } from 'vitest';
import { allPids, RUN_MARK, startVariable } from '#lab/leftovers.ts';
import { Child, describeExit, runToEnd } from './children.ts';

const never = new AbortController().signal;

function marked(name: string): { options: { cwd: string; env: NodeJS.ProcessEnv }; pids: () => number[] } {
  const mark = `children-${process.pid}-${name}`;
  const pids = () => allPids().filter((pid) => startVariable(pid, RUN_MARK) === mark);
  return { options: { cwd: '/', env: { ...process.env, [RUN_MARK]: mark } }, pids };
}

describe('a child', () => {
  it('ends with everything that it started', async () => {
    const { options, pids } = marked('group');
    const child = new Child(['sh', '-c', 'sleep 60 & sleep 60 & wait'], options);
    await expect.poll(() => pids().length).toBe(3);
    expect(await child.stop()).toMatchObject({ signal: 'SIGTERM' });
    await expect.poll(pids).toEqual([]);
  });

  it('is killed when it does not listen', async () => {
    const { options, pids } = marked('deaf');
    const lines: string[] = [];
    const onLine = (line: string) => void lines.push(line);
    const child = new Child(['sh', '-c', 'trap "" TERM; echo ready; sleep 60'], { ...options, onLine });
    await expect.poll(() => lines).toEqual(['ready']);
    expect(await child.stop(300)).toMatchObject({ signal: 'SIGKILL' });
    await expect.poll(pids).toEqual([]);
  });

  it('ends although it is stopped', async () => {
    const { options } = marked('paused');
    const child = new Child(['sleep', '60'], options);
    process.kill(child.pid as number, 'SIGSTOP');
    expect(await child.stop(5_000)).toMatchObject({ signal: 'SIGTERM' });
  });

  it('says why it did not start', async () => {
    const child = new Child(['/nowhere/at-all'], { cwd: '/', env: process.env });
    expect(describeExit(await child.stop())).toContain('ENOENT');
  });
});

describe('running to the end', () => {
  it('gives the exit code and every line', async () => {
    const lines: string[] = [];
    const onLine = (line: string) => void lines.push(line);
    const argv = ['sh', '-c', 'echo out; echo err >&2; exit 3'];
    expect(await runToEnd(argv, { ...marked('lines').options, onLine, limitMs: 5_000, signal: never })).toMatchObject({
      code: 3,
      timedOut: false,
    });
    expect(lines.sort()).toEqual(['err', 'out']);
  });

  it('ends what a command that has ended left in its group', async () => {
    const { options, pids } = marked('rest');
    await runToEnd(['sh', '-c', 'sleep 60 & exit 0'], { ...options, limitMs: 5_000, signal: never });
    await expect.poll(pids).toEqual([]);
  });

  it('ends at the limit', async () => {
    const { options, pids } = marked('limit');
    expect(await runToEnd(['sleep', '60'], { ...options, limitMs: 100, signal: never })).toMatchObject({
      signal: 'SIGTERM',
      timedOut: true,
    });
    expect(pids()).toEqual([]);
  });

  it('ends when it is interrupted, and does not start afterwards', async () => {
    const { options } = marked('abort');
    const interrupted = new AbortController();
    setTimeout(() => interrupted.abort(), 100);
    const given = { ...options, limitMs: 5_000, signal: interrupted.signal };
    expect(await runToEnd(['sleep', '60'], given)).toMatchObject({ signal: 'SIGTERM', timedOut: false });
    expect(await runToEnd(['true'], given)).toMatchObject({ error: 'interrupted' });
  });
});
