/**
 * Child processes of the long commands. Each gets a process group of its own, and ending one ends the group: a shell or
 * a wrapper that is killed alone would leave what it started. Terminals send Ctrl-C to the foreground group only, so the
 * command itself decides when its children end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { allPids, identify } from '#lab/leftovers.ts';

/** How a child ended: exactly one of the two is set, or `error` when it could not start. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null; error?: string };

/** How to start a child. */
export type ChildOptions = {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Receives every line of its output; without it the child writes to the command's own output. */
  onLine?: (line: string) => void;
};

/** How long a group may take to end after SIGTERM. */
const TERM_LIMIT_MS = 10_000;
/** How long what a child wrote may take to be read after its end. */
const OUTPUT_LIMIT_MS = 1_000;

/** A child that runs. */
export class Child {
  readonly pid: number | undefined;
  /** Settles when the child has ended and its output was read. */
  readonly ended: Promise<Exit>;
  readonly #child: ChildProcess;

  constructor(argv: readonly string[], { cwd, env, onLine }: ChildOptions) {
    const [file = '', ...args] = argv;
    const output = onLine === undefined ? 'inherit' : 'pipe';
    this.#child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', output, output] });
    this.pid = this.#child.pid;
    if (onLine !== undefined) {
      for (const stream of [this.#child.stdout, this.#child.stderr]) {
        if (stream !== null) createInterface({ input: stream }).on('line', onLine);
      }
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('error', ({ message }) => resolve({ code: null, signal: null, error: message }));
      this.#child.once('exit', (code, signal) => {
        // 'close' comes when its output was read; grandchildren that hold the pipe are not waited for.
        const limit = setTimeout(() => resolve({ code, signal }), OUTPUT_LIMIT_MS);
        this.#child.once('close', () => {
          clearTimeout(limit);
          resolve({ code, signal });
        });
      });
    });
  }

  /** Whether the child itself has ended. */
  get hasEnded(): boolean {
    return this.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Ends the whole group: SIGTERM, and SIGKILL to whatever of it is left after the limit. */
  async stop(limitMs: number = TERM_LIMIT_MS): Promise<Exit> {
    if (this.pid !== undefined) await endGroup(this.pid, limitMs);
    return this.ended;
  }
}

/** Runs a child to its end; at `limitMs`, or when `signal` fires, its group is ended. */
export async function runToEnd(
  argv: readonly string[],
  options: ChildOptions & { limitMs: number; signal: AbortSignal },
): Promise<Exit & { timedOut: boolean }> {
  if (options.signal.aborted) return { code: null, signal: null, error: 'interrupted', timedOut: false };
  const child = new Child(argv, options);
  const given = new AbortController();
  const limit = sleep(options.limitMs, 'limit' as const, { signal: given.signal }).catch(() => 'ended' as const);
  const abort = once(options.signal, 'abort', { signal: given.signal }).then(
    () => 'abort' as const,
    () => 'ended' as const,
  );
  const first = await Promise.race([child.ended, limit, abort]);
  given.abort();
  // Also after a normal end: what the child left in its group belongs to nobody.
  const exit = await child.stop();
  return { ...exit, timedOut: first === 'limit' };
}

/** Puts an exit into words. */
export function describeExit({ code, signal, error }: Exit): string {
  return error ?? (signal === null ? `exit code ${code}` : `ended by ${signal}`);
}

/** Ends a process group. */
export async function endGroup(groupId: number, limitMs: number = TERM_LIMIT_MS): Promise<void> {
  if (!isGroupAlive(groupId)) return;
  signalGroup(groupId, 'SIGTERM');
  // A stopped process does not see SIGTERM.
  signalGroup(groupId, 'SIGCONT');
  const endMs = performance.now() + limitMs;
  while (performance.now() < endMs) {
    if (!isGroupAlive(groupId)) return;
    await sleep(20);
  }
  signalGroup(groupId, 'SIGKILL');
}

function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-groupId, signal);
  } catch {
    // Ended meanwhile.
  }
}

/** A signal 0 would also reach zombies, and where nothing collects them (some containers) they stay for ever. */
function isGroupAlive(groupId: number): boolean {
  return allPids().some((pid) => identify(pid)?.groupId === groupId);
}
