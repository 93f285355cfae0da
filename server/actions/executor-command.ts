/**
 * Runs commands that the configuration names as argument vectors. Never a shell, and of what the browser says nothing but
 * the choice of an entity that Trellis sees.
 */
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { redact } from '#server/observability/redact.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import type { Executor, ExecutorTarget, Placeholder, PlaceholderValues } from './executor.ts';
import { actionError, outsideCall } from './outside-call.ts';

/** By the kind of the target and the verb; `{host}` and the like may stand anywhere in an argument but in the first. */
export type Commands = Readonly<
  Partial<Record<string, Readonly<Partial<Record<string, readonly string[] | undefined>>> | undefined>>
>;
export type CommandExecutorOptions = {
  commands: Commands;
  /** What is known of a target. */
  valuesOf(target: ExecutorTarget): PlaceholderValues;
  clock: TimerClock;
};

/** The caller's signal bounds a command; this is only so that nothing hangs for ever. */
const LAST_RESORT_MS = 600_000;
/**
 * Killing the local end of such a command (ssh, a client of docker) does not take the order back: it goes on elsewhere, and could
 * come after the `start` or `resume` that takes it back. So one that is called off gets this long to come to its own end.
 */
const GRACE_MS: Readonly<Record<string, number>> = { kill: 10_000, pause: 10_000 };
const OUTPUT_BYTES = 64 * 1024;
/** Nothing of Trellis's own environment, which may hold secrets. */
const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const PLACEHOLDER = /\{([a-z]+)\}/g;
/** No value can be taken for an option, a path or a second word. */
const VALUE = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;
/** The only value that may hold a slash: `results/10.0.0.1:6379`. */
const ID = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}$/;

/** An executor of the configured commands. */
export function createCommandExecutor({ commands, valuesOf, clock }: CommandExecutorOptions): Executor {
  const verbsOf = (kind: string) => (Object.hasOwn(commands, kind) ? (commands[kind] ?? {}) : {});
  const preview = (verb: string, target: ExecutorTarget): readonly string[] => {
    const verbs = verbsOf(target.kind);
    const argv = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (argv === undefined) {
      throw actionError(`${verb} ${target.id}`, `no command: add drills.executor.command.${target.kind}.${verb}`);
    }
    return filled(argv, verb, target, valuesOf(target));
  };
  return {
    preview,
    verbs: (target) => Object.keys(verbsOf(target.kind)).filter((verb) => isRunnable(() => preview(verb, target))),
    async run(verb, target, signal) {
      const argv = preview(verb, target);
      const graceMs = Object.hasOwn(GRACE_MS, verb) ? (GRACE_MS[verb] ?? 0) : 0;
      return outsideCall(`${verb} ${target.id}`, { clock, limitMs: LAST_RESORT_MS, signal }, async (limited) => {
        const ended = await runVector(argv, limited, clock, graceMs);
        // Also where it came to its own end meanwhile.
        limited.throwIfAborted();
        return ended;
      });
    },
  };
}

function filled(
  argv: readonly string[],
  verb: string,
  target: ExecutorTarget,
  values: PlaceholderValues,
): readonly string[] {
  const [program = '', ...args] = argv;
  const fill = (argument: string) =>
    argument.replace(PLACEHOLDER, (braces, word: string) => {
      if (!Object.hasOwn(values, word)) throw actionError(`${verb} ${target.id}`, `${braces} is no placeholder`);
      const value = values[word as Placeholder];
      if (value === null) throw actionError(`${verb} ${target.id}`, `its ${word} is not known`);
      if (!(word === 'id' ? ID : VALUE).test(value)) {
        throw actionError(`${verb} ${target.id}`, `its ${word} cannot stand in a command: ${JSON.stringify(value)}`);
      }
      return value;
    });
  // Which program runs, no entity decides.
  return [program, ...args.map(fill)];
}

function isRunnable(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}

/**
 * Resolves when the command has ended by itself; when the signal aborts, it gets `graceMs` for that.
 * @throws Error when it could not be run, or was ended by a signal
 */
function runVector(
  [file = '', ...args]: readonly string[],
  signal: AbortSignal,
  clock: TimerClock,
  graceMs: number,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      shell: false,
      // A process group of its own: what it starts ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Next's types demand NODE_ENV.
      env: { PATH: SEARCH_PATH, LANG: 'C.UTF-8', HOME: homedir() } as unknown as NodeJS.ProcessEnv,
    });
    const output = lastBytes(OUTPUT_BYTES);
    child.stdout.on('data', output.add);
    child.stderr.on('data', output.add);
    let cancel = () => {};
    const end = () => {
      if (graceMs === 0) endGroup(child.pid);
      else cancel = clock.after(graceMs, () => endGroup(child.pid));
    };
    const settle = () => {
      signal.removeEventListener('abort', end);
      cancel();
    };
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('close', (code, killedBy) => {
      settle();
      if (code === null) reject(new Error(`ended by ${killedBy}: ${output.text()}`));
      else resolve({ code, output: output.text() });
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Keeps the end of what a command says: there it says what went wrong. */
function lastBytes(limit: number) {
  let kept: Buffer = Buffer.alloc(0);
  let isCut = false;
  return {
    add(chunk: Buffer) {
      const all = Buffer.concat([kept, chunk]);
      isCut ||= all.length > limit;
      kept = all.subarray(Math.max(0, all.length - limit));
    },
    text: () => redact(`${isCut ? '… ' : ''}${kept.toString('utf8')}`).trimEnd(),
  };
}
