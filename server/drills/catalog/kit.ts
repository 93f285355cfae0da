/** What drills of the catalog have in common. Pure. */
import { DRILL_PATHS, type DrillInfo, type DrillPath, type Hypothesis } from '#lib/model/drill.ts';
import type { Call, ExecutorTarget } from '#server/drills/calls.ts';
import type { ExecutorVerb } from '#server/drills/config.ts';
import type { Means, Progress, Step } from '#server/drills/drill.ts';

/** A promise; what is not told is not promised. */
export function promise(
  winner: string,
  told: Partial<Omit<Hypothesis, 'winner' | 'outageMs'>> & { outageMs?: Partial<Record<DrillPath, number>> },
): Hypothesis {
  const { outageMs = {}, ...rest } = told;
  const outage = Object.fromEntries(DRILL_PATHS.map((path) => [path, outageMs[path] ?? null]));
  return {
    ...{ lost: null, repeated: null, resultsLost: null, because: null },
    ...rest,
    ...{ winner, outageMs: outage as Hypothesis['outageMs'] },
  };
}

/** The hypothesis of a drill before it is aimed, with another winner. */
export function promiseOf({ hypothesis }: Pick<DrillInfo, 'hypothesis'>, winner: string): Hypothesis {
  return { ...hypothesis, winner };
}

/** What a command of the configuration would do to it. */
export function command(does: ExecutorVerb, target: ExecutorTarget, means: Means): Call {
  const argv = means.verbs(target).includes(does) ? means.preview(does, target) : [];
  return { verb: 'executor.run', does, target, argv };
}

/** A step that only watches. */
export function watch(step: Pick<Step, 'id' | 'title' | 'limitMs' | 'check'> & Partial<Step>): Step {
  return { calls: () => [], undo: () => [], ...step };
}

/** Seen, or waited for. */
export function seen(done: boolean, yes: string, notYet: string): Progress {
  return { done, says: done ? yes : notYet };
}

/** Nothing happens for a while, so that the canaries meet the estate as it is now. */
export function stay(id: string, title: string, forMs: number): Step {
  return watch({
    ...{ id, title, limitMs: forMs + 5_000 },
    check: ({ now, startedAt }) => seen(now - startedAt >= forMs, 'Watched.', 'Watching what tasks do.'),
  });
}
