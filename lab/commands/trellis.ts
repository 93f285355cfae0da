/** Trellis as a child of the long commands: is its port free, start it, wait until it answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { portHolder } from '#lab/leftovers.ts';
import { Child, type ChildOptions, describeExit } from './children.ts';
import { CommandError } from './progress.ts';

/** A socket outlives the process that was just ended by a moment. */
const CLOSING_MS = 2_000;

/** @throws CommandError naming the process that holds the port. */
export async function requireFreePort(port: number): Promise<void> {
  const endMs = performance.now() + CLOSING_MS;
  let holder = portHolder(port);
  while (holder !== undefined && holder.pid === undefined && performance.now() < endMs) {
    await sleep(50);
    holder = portHolder(port);
  }
  if (holder === undefined) return;
  const who =
    holder.pid === undefined ? 'a process that this user cannot see' : `pid ${holder.pid} (${holder.command})`;
  throw new CommandError(
    `Trellis needs port ${port} of 127.0.0.1, and ${who} holds it.\nEnd that process, then run the command again.`,
  );
}

/**
 * Starts Trellis and waits until it is ready.
 * @throws CommandError when it ends by itself or is not ready in time; it is not running then.
 */
export async function startTrellis(
  argv: readonly string[],
  options: ChildOptions & { url: string; limitMs: number; signal: AbortSignal },
): Promise<Child> {
  const child = new Child(argv, options);
  const endMs = performance.now() + options.limitMs;
  while (!child.hasEnded) {
    // Asked only while the child lives: another program on its port must not be taken for it.
    if ((await isReady(options.url)) && !child.hasEnded) return child;
    if (options.signal.aborted || performance.now() >= endMs) {
      await child.stop();
      const why = options.signal.aborted ? 'interrupted' : `not ready after ${options.limitMs / 1000} s`;
      throw new CommandError(`Trellis: ${why}`);
    }
    await sleep(100);
  }
  throw new CommandError(`Trellis ended while it was starting: ${describeExit(await child.stop())}`);
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/api/health/ready`, { signal: AbortSignal.timeout(2_000) });
    return response.ok;
  } catch {
    return false;
  }
}
