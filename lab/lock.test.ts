import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.ts';

const dir = mkdtempSync(join(tmpdir(), 'lab-lock-'));
const file = join(dir, 'up.lock');
const NO_WAIT = () => {
  throw new Error('waited');
};

afterEach(() => rmSync(file, { force: true }));

describe('lock', () => {
  it('is given back, also after a failure', async () => {
    await expect(withLock(file, NO_WAIT, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(existsSync(file)).toBe(false);
  });

  it('of a dead process is no obstacle', async () => {
    writeFileSync(file, '999999999 123');
    expect(await withLock(file, NO_WAIT, async () => 'done')).toBe('done');
  });

  it('of a process whose pid now belongs to another one is no obstacle', async () => {
    writeFileSync(file, `${process.pid} 1`);
    expect(await withLock(file, NO_WAIT, async () => 'done')).toBe('done');
  });

  it('makes the second one wait and tells it for whom', async () => {
    const order: string[] = [];
    let release = () => {};
    const first = withLock(file, NO_WAIT, async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      order.push('first');
    });
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`^${process.pid} \\d+$`));
    const holders: number[] = [];
    const onWait = (pid: number) => {
      holders.push(pid);
      release();
    };
    await Promise.all([first, withLock(file, onWait, async () => order.push('second'))]);
    expect(order).toEqual(['first', 'second']);
    expect(holders).toEqual([process.pid]);
  });
});
