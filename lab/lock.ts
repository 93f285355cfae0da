/** One `up` at a time: a lock file that names its holder, so that a dead holder's lock is no obstacle. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `work` while holding the lock; waits while a living process holds it.
 * @param onWait called again and again while there is something to wait for, with the holder's pid
 */
export async function withLock<T>(
  file: string,
  onWait: (pid: number, elapsedMs: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  const startedMs = performance.now();
  while (!tryTake(file)) {
    const holder = readHolder(file);
    if (holder === undefined || identityOf(holder.pid) !== holder.identity) {
      rmSync(file, { force: true });
      continue;
    }
    onWait(holder.pid, performance.now() - startedMs);
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function tryTake(file: string): boolean {
  try {
    writeFileSync(file, `${process.pid} ${identityOf(process.pid)}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(file: string): { pid: number; identity: string } | undefined {
  try {
    const [pid, identity] = readFileSync(file, 'utf8').split(' ');
    return { pid: Number(pid), identity: identity ?? '' };
  } catch {
    return undefined; // given back meanwhile
  }
}

/** A process's start time in clock ticks, which tells it from a later one with the same pid; empty when it is gone. */
function identityOf(pid: number): string {
  const START_TIME_FIELD = 19;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD] ?? '';
  } catch {
    return '';
  }
}
