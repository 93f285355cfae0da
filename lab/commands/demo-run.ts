/** The demo: the lab and Trellis in the foreground, until somebody ends it; and how another terminal ends it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { buildWith, isBuildNeeded } from './build.ts';
import { type Child, describeExit, runToEnd } from './children.ts';
import { dropDemoNote, readDemoNote, takeDemoNote } from './demo-state.ts';
import { CommandError, step } from './progress.ts';
import { requireFreePort, startTrellis } from './trellis.ts';
import { endOrphans, isAlive } from './workspace.ts';

/** Every command of the demo. */
export type DemoPlan = {
  root: string;
  env: NodeJS.ProcessEnv;
  setUp: () => Promise<void>;
  build: readonly string[];
  labUp: readonly string[];
  labDown: readonly string[];
  trellis: { command: readonly string[]; url: string; port: number };
};

const MINUTE_MS = 60_000;
const LIMIT_MS = {
  build: 10 * MINUTE_MS,
  labUp: 5 * MINUTE_MS,
  labDown: 2 * MINUTE_MS,
  trellis: MINUTE_MS,
  stop: 3 * MINUTE_MS,
} as const;

/** Trellis goes when told to; a demo that hangs at its end would keep somebody's terminal. */
const TRELLIS_STOP_LIMIT_MS = 5_000;

/**
 * Runs the demo until `signal` fires.
 * @throws CommandError when something does not start, or when Trellis ends by itself. The lab is down then.
 */
export async function runDemo(plan: DemoPlan, signal: AbortSignal): Promise<void> {
  const running = readDemoNote(plan.root);
  if (running?.isAlive) {
    print(`The demo is already running at ${running.url}\nEnd it with: npm run demo -- --stop\n`);
    return;
  }
  if (running !== undefined) dropDemoNote(plan.root);
  await endOrphans('demo', plan.root);
  await requireFreePort(plan.trellis.port);
  if (!takeDemoNote(plan.root, plan.trellis.url)) throw new CommandError('Another demo is just starting.');
  try {
    await plan.setUp();
    if (!signal.aborted) await show(plan, signal);
  } finally {
    dropDemoNote(plan.root);
  }
}

/** Ends the demo of `plan.root` from outside, also what a killed one has left. */
export async function stopDemo(plan: DemoPlan): Promise<void> {
  const note = readDemoNote(plan.root);
  if (note?.isAlive) {
    await step(`ending the demo (pid ${note.pid})`, async () => {
      process.kill(note.pid, 'SIGTERM');
      const endMs = performance.now() + LIMIT_MS.stop;
      while (isAlive(note)) {
        if (performance.now() >= endMs) {
          process.kill(note.pid, 'SIGKILL');
          break;
        }
        await sleep(100);
      }
    });
    while (isAlive(note)) await sleep(20);
    // It has put everything away itself, unless it had to be killed.
    if (readDemoNote(plan.root) === undefined) return;
  }
  const orphans = await endOrphans('demo', plan.root);
  if (note === undefined && orphans === 0) {
    print('No demo is running.\n');
    return;
  }
  await takeLabDown(plan);
  dropDemoNote(plan.root);
}

async function show(plan: DemoPlan, signal: AbortSignal): Promise<void> {
  let trellis: Child | undefined;
  try {
    await prepare(plan, signal);
    if (signal.aborted) return;
    trellis = await step('Trellis', () => {
      const { command, url } = plan.trellis;
      const options = { cwd: plan.root, env: plan.env, onLine: (line: string) => print(`${line}\n`) };
      return startTrellis(command, { ...options, url, limitMs: LIMIT_MS.trellis, signal });
    });
    print(welcome(plan.trellis.url));
    const exit = await Promise.race([trellis.ended, aborted(signal)]);
    if (exit !== undefined && !signal.aborted) {
      throw new CommandError(`Trellis ended by itself: ${describeExit(exit)}. Its last lines are above.`);
    }
  } catch (error) {
    // What fails because it was told to end is no failure.
    if (!signal.aborted) throw error;
  } finally {
    if (trellis !== undefined) await trellis.stop(TRELLIS_STOP_LIMIT_MS);
    await takeLabDown(plan);
  }
}

/** The lab takes about 40 s of waiting and the build half a minute of work: side by side. The first failure ends both. */
async function prepare(plan: DemoPlan, signal: AbortSignal): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const orEndBoth = (error: unknown): never => {
    failed.abort();
    throw error;
  };
  const work = [command(plan, plan.labUp, LIMIT_MS.labUp, either).catch(orEndBoth)];
  if (isBuildNeeded(plan.root)) work.push(build(plan, either).catch(orEndBoth));
  const results = await Promise.allSettled(work);
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  // Both fail when one does; the one that was ended has nothing to say.
  const reason = reasons.find((each) => !(each instanceof Interrupted)) ?? reasons[0];
  if (reason !== undefined) throw reason;
}

async function build(plan: DemoPlan, signal: AbortSignal): Promise<void> {
  await step('building Trellis', () =>
    buildWith(plan.root, async () => {
      // Held back, or it would mix with the lab's progress.
      const lines: string[] = [];
      for (const each of plan.build) {
        await command(plan, ['sh', '-c', each], LIMIT_MS.build, signal, (line) => lines.push(line)).catch((error) => {
          if (!(error instanceof Interrupted)) print(`${lines.join('\n')}\n`);
          throw error;
        });
      }
      return true;
    }),
  );
}

/** A command that ended because it was told to. */
class Interrupted extends CommandError {}

async function command(
  { root: cwd, env }: DemoPlan,
  argv: readonly string[],
  limitMs: number,
  signal: AbortSignal,
  onLine?: (line: string) => void,
): Promise<void> {
  const exit = await runToEnd(argv, { cwd, env, limitMs, signal, ...(onLine === undefined ? {} : { onLine }) });
  if (signal.aborted) throw new Interrupted(`interrupted: ${argv.join(' ')}`);
  if (exit.timedOut) throw new CommandError(`ended after its limit of ${limitMs / MINUTE_MS} min: ${argv.join(' ')}`);
  if (exit.code !== 0) throw new CommandError(`${describeExit(exit)}: ${argv.join(' ')}`);
}

function takeLabDown(plan: DemoPlan): Promise<void> {
  return step('lab down', () => command(plan, plan.labDown, LIMIT_MS.labDown, new AbortController().signal));
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

function welcome(url: string): string {
  return `
  Trellis is at ${url}

  Break something, from another terminal:
    npm run lab -- kill host-1/rabbitmq     a broker node dies
    npm run lab -- start host-1/rabbitmq    and comes back
    npm run lab -- pause host-2/redis       a data node hangs (resume ends it)
    npm run lab -- kill host-3              a whole host is gone (start brings it back)
    npm run lab -- status                   what the lab itself knows
  End with Ctrl-C, or: npm run demo -- --stop

`;
}

function print(text: string): void {
  process.stdout.write(text);
}
