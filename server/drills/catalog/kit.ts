/** What drills of the catalog have in common. Pure. */
import { DRILL_PATHS, type DrillInfo, type DrillPath, type Hypothesis } from '#lib/model/drill.ts';
import type { ExecutorRun, ExecutorTarget } from '#server/drills/calls.ts';
import type { ExecutorVerb } from '#server/drills/config.ts';
import type { Guard, Live, Means, Progress, Step } from '#server/drills/drill.ts';
import { commandsFor } from '#server/drills/guards.ts';

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
export function command(does: ExecutorVerb, target: ExecutorTarget, means: Means): ExecutorRun {
  const argv = means.verbs(target).includes(does) ? means.preview(does, target) : [];
  return { verb: 'executor.run', does, target, argv };
}

/** A process that a drill stops, and what it is called. */
export type Stopped = { name: string; target: ExecutorTarget; means: Means };
/** The step that stops it, the one that has it go on, and the guard that both can be done. */
export type Stop = { fault: Step; back: Step; guard: Guard };

/** Kills it, and starts it again. */
export function killed(process: Stopped, limits: { killMs: number; startMs: number }): Stop {
  const { name } = process;
  return stop(
    process,
    { does: 'kill', step: { id: 'kill', title: `Kill ${name}`, limitMs: limits.killMs, isPointOfNoReturn: true } },
    { does: 'start', step: { id: 'start', title: `Start ${name} again`, limitMs: limits.startMs } },
  );
}

/** Freezes it, and lets it go on: its port stays open meanwhile, and nobody answers. */
export function frozen(process: Stopped): Stop {
  const { name } = process;
  return stop(
    process,
    { does: 'pause', step: { id: 'freeze', title: `Freeze ${name}`, limitMs: 10_000 } },
    { does: 'resume', step: { id: 'resume', title: `Let ${name} go on`, limitMs: 15_000 } },
  );
}

type Half = { does: ExecutorVerb; step: Pick<Step, 'id' | 'title' | 'limitMs' | 'isPointOfNoReturn'> };

function stop({ target, means }: Stopped, fault: Half, back: Half): Stop {
  const undo = command(back.does, target, means);
  return {
    fault: {
      ...{ ...fault.step, isFault: true },
      calls: () => [[command(fault.does, target, means)]],
      undo: () => [undo],
    },
    back: { ...back.step, calls: () => [[undo]], undo: () => [], settles: [fault.step.id] },
    guard: commandsFor([fault.does, back.does], target),
  };
}

/** A step that only watches. */
export function watch(step: Pick<Step, 'id' | 'title' | 'limitMs' | 'check'> & Partial<Step>): Step {
  return { calls: () => [], undo: () => [], ...step };
}

/** Seen, or waited for. */
export function seen(done: boolean, yes: string, notYet: string): Progress {
  return { done, says: done ? yes : notYet };
}

/** Done once it has been so without a break for `forMs`: one look may fall into a good moment. `fact` keeps since when. */
export function held(fact: string, forMs: number, { now, facts }: Pick<Live, 'now' | 'facts'>, at: Progress): Progress {
  const known = facts[fact] ?? '';
  const since = at.done ? known || String(now) : '';
  const learned = since === known ? {} : { learned: { [fact]: since } };
  if (!at.done) return { ...at, ...learned };
  const isHeld = now - Number(since) >= forMs;
  return { done: isHeld, says: isHeld ? at.says : `${at.says} Watching whether it stays so.`, ...learned };
}

/** Nothing happens for a while, so that the canaries meet the estate as it is now. */
export function stay(id: string, title: string, forMs: number): Step {
  return watch({
    ...{ id, title, limitMs: forMs + 5_000 },
    check: ({ now, startedAt }) => seen(now - startedAt >= forMs, 'Watched.', 'Watching what tasks do.'),
  });
}
