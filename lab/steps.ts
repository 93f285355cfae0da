/** Steps with a limit, progress, and a message that names what hangs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './error.ts';
import { tail } from './logs.ts';
import { type LabPaths, memberLog } from './paths.ts';
import type { Problem } from './probes/problem.ts';

/** What happens during `up` and `down`; `elapsedMs` counts from the step's beginning. */
export type StepEvent = {
  readonly kind: 'begin' | 'waiting' | 'done';
  readonly title: string;
  readonly elapsedMs: number;
  /** What a waiting step waits for. */
  readonly detail?: string;
};
/** Told about every step. */
export type OnStep = (event: StepEvent) => void;

const POLL_MS = 300;
const LOG_LINES = 8;
const MEMBERS_SHOWN = 3;

/** Runs one step and tells about it. */
export async function step<T>(onStep: OnStep, title: string, work: () => T | Promise<T>): Promise<T> {
  const startedMs = performance.now();
  onStep({ kind: 'begin', title, elapsedMs: 0 });
  const result = await work();
  onStep({ kind: 'done', title, elapsedMs: performance.now() - startedMs });
  return result;
}

/**
 * Waits until there is no problem left.
 * @throws LabError after `limitMs`, or at once when `hopeless` says so, with the problem, its logs and their last lines.
 */
export async function waitFor(
  paths: LabPaths,
  options: {
    readonly title: string;
    readonly limitMs: number;
    readonly onStep: OnStep;
    readonly problems: () => Promise<readonly Problem[]>;
    /** A reason why waiting is of no use. */
    readonly hopeless?: () => Promise<Problem | undefined>;
  },
): Promise<void> {
  const { title, limitMs, onStep } = options;
  await step(onStep, title, async () => {
    const startedMs = performance.now();
    for (;;) {
      const problems = await options.problems();
      if (problems.length === 0) return;
      const lost = await options.hopeless?.();
      if (lost !== undefined) throw new LabError(describeProblems(paths, [lost]));
      const elapsedMs = performance.now() - startedMs;
      if (elapsedMs > limitMs) {
        throw new LabError(
          `not reached in ${limitMs / 1000} s: ${title}\n${describeProblems(paths, problems)}\n` +
            'Begin afresh with: npm run lab -- down, then up',
        );
      }
      onStep({ kind: 'waiting', title, elapsedMs, detail: problems.map(({ what }) => what).join('; ') });
      await sleep(POLL_MS);
    }
  });
}

/** Every problem, and for the members behind them the log file and its last lines. */
export function describeProblems(paths: LabPaths, problems: readonly Problem[]): string {
  const members = [...new Set(problems.flatMap((problem) => problem.members))].slice(0, MEMBERS_SHOWN);
  return [
    ...problems.map(({ what }) => `- ${what}`),
    ...members.flatMap((id) => {
      const file = memberLog(paths, id);
      return [`  ${id}: ${file}`, ...tail(file, LOG_LINES).map((line) => `    ${line.slice(0, 300)}`)];
    }),
  ].join('\n');
}
