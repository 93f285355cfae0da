/** What was promised beside what was measured, and one run beside another. Pure. */
import type { OwnTasks } from '#lib/contract/drills.ts';
import {
  DRILL_PATHS,
  type Hypothesis,
  type LedgerCount,
  type Outage,
  type Run,
  UNTOUCHED_MS,
} from '#lib/model/drill.ts';
import type { Shown } from '#lib/model/status.ts';
import { formatOutage, isUnderWay, outageMs, PATH_WORDS, runShown, stepMs, worstOutage } from './drill.ts';
import { formatDuration, formatTotal } from './task.ts';

/** open = not all is judged yet; within = longer than promised, by less than the error; unpromised = measured all the same. */
export const PROMISE_STATES = ['held', 'broken', 'within', 'open', 'unpromised', 'unmeasured'] as const;
export type PromiseState = (typeof PROMISE_STATES)[number];

export type VerdictRow = {
  id: string;
  what: string;
  promised: string;
  measured: string;
  state: PromiseState;
};

export const PROMISE_SHOWN: Readonly<Record<PromiseState, Shown>> = {
  held: { status: 'ok', word: 'held' },
  broken: { status: 'down', word: 'broken' },
  within: { status: 'unknown', word: 'within the error' },
  open: { status: 'stale', word: 'not over yet' },
  unpromised: { status: 'unknown', word: 'not promised' },
  unmeasured: { status: 'unknown', word: 'cannot be told' },
};

const COUNTS: readonly { id: 'lost' | 'repeated' | 'resultsLost'; what: string }[] = [
  { id: 'lost', what: 'Tasks lost' },
  { id: 'repeated', what: 'Tasks run more than once' },
  { id: 'resultsLost', what: 'Results lost' },
];

/**
 * A row for each promise, measured up to its end, or to `asked`; and for the estate's own tasks where they are told (null = they are
 * not). What is broken once stays broken, whatever is still to come.
 */
export function verdictRows(
  hypothesis: Hypothesis,
  run: Run,
  asked: number,
  ownTasks: OwnTasks | null = null,
): VerdictRow[] {
  const now = lastLook(run, asked);
  const outages = DRILL_PATHS.map((path) => {
    const row = outageRow(path, hypothesis, run, now);
    return isMeasured(run, path) ? row : unmeasured(row);
  });
  const counts = countRows(hypothesis, run);
  return [
    ...outages,
    ...(hasCanaries(run) ? counts : counts.map(unmeasured)),
    ...(ownTasks === null ? [] : [ownRow(hypothesis, run, ownTasks)]),
  ];
}

/** Whether the run can tell of a path's outage: without canaries of none, and of some too few signs may have come. */
export function isMeasured(run: Pick<Run, 'ledger' | 'unmeasured'>, path: Outage['path']): boolean {
  return hasCanaries(run) && run.unmeasured?.includes(path) !== true;
}

function hasCanaries({ ledger }: Pick<Run, 'ledger'>): boolean {
  return ledger.published > 0;
}

/** Nobody looked after the end: what was out then does not grow any more. */
function lastLook({ endedAt }: Run, now: number): number {
  return endedAt ?? now;
}

function unmeasured(row: VerdictRow): VerdictRow {
  return { ...row, measured: 'not measured', state: row.state === 'unpromised' ? 'unpromised' : 'unmeasured' };
}

function outageRow(path: Outage['path'], { outageMs: promises }: Hypothesis, run: Run, now: number): VerdictRow {
  const worst = worstOutage(run.outages, path, now);
  const promise = promises[path];
  const ms = worst === null ? 0 : outageMs(worst, now);
  const isOut = run.outages.some((outage) => outage.path === path && outage.to === null);
  const allowed = promise === 0 ? UNTOUCHED_MS[path] : promise;
  const state = stateOf(ms, worst?.errorMs ?? 0, allowed, isUnderWay(run) || isOut);
  return {
    ...{ id: path, what: `${path}: ${PATH_WORDS[path]}`, state },
    promised:
      allowed === null ? '–' : `${promise === 0 ? 'not touched: ' : ''}out for ${formatDuration(allowed)} at most`,
    measured: outageText(worst, now),
  };
}

/** `not out`, `out for 3.6 s ± 0.1`, `out for 4.0 s ± 0.1 and still is`. */
export function outageText(outage: Outage | null, now: number): string {
  if (outage === null) return 'not out';
  const text = `out for ${formatOutage(outageMs(outage, now), outage.errorMs)}`;
  return outage.to === null ? `${text} and still is` : text;
}

function stateOf(measured: number, error: number, promise: number | null, isOpen: boolean): PromiseState {
  if (promise === null) return 'unpromised';
  if (measured - error > promise) return 'broken';
  if (isOpen) return 'open';
  return measured > promise ? 'within' : 'held';
}

function countRows(hypothesis: Hypothesis, run: Run): VerdictRow[] {
  const { ledger } = run;
  return COUNTS.map(({ id, what }) => {
    const promise = hypothesis[id];
    return {
      ...{ id, what, promised: countPromised(promise) },
      measured: `${formatTotal(ledger[id])} of ${formatTotal(baseOf(id, ledger))}`,
      state: stateOf(ledger[id], 0, promise, isUnderWay(run) || ledger.open > 0),
    };
  });
}

/** Canaries tell what becomes of tasks that the estate treats well; its own may be acknowledged early. */
function ownRow({ lost }: Hypothesis, run: Run, { inFlight, orphaned }: OwnTasks): VerdictRow {
  return {
    ...{ id: 'orphaned', what: 'The estate’s own tasks lost', promised: countPromised(lost) },
    measured: `${formatTotal(orphaned)} of ${formatTotal(inFlight)} under way`,
    state: stateOf(orphaned, 0, lost, isUnderWay(run)),
  };
}

function countPromised(promise: number | null): string {
  return promise === null ? '–' : promise === 0 ? 'none' : `${formatTotal(promise)} at most`;
}

/** What a count is a part of. */
function baseOf(id: (typeof COUNTS)[number]['id'], { confirmed, executed }: LedgerCount): number {
  return id === 'lost' ? confirmed : executed;
}

export type ComparedRow = {
  id: string;
  what: string;
  mine: string;
  other: string;
  /** How the first compares to the other; null = neither is better. */
  change: 'better' | 'worse' | 'same' | null;
};

/** One run beside another of the same drill, both up to `now`. Outages that differ by less than their errors are the same. */
export function compareRuns(mine: Run, other: Run, now: number): ComparedRow[] {
  return [
    { id: 'verdict', what: 'Verdict', mine: runShown(mine).word, other: runShown(other).word, change: null },
    ...DRILL_PATHS.map((path) => comparedOutage(path, mine, other, now)),
    ...COUNTS.map(({ id, what }) => comparedCount(id, what, mine, other)),
    comparedCount('delayed', 'Tasks that took more than a second', mine, other),
    {
      ...{ id: 'published', what: 'Canaries published', change: null },
      ...{ mine: formatTotal(mine.ledger.published), other: formatTotal(other.ledger.published) },
    },
    ...comparedSteps(mine, other, now),
  ];
}

function comparedOutage(path: Outage['path'], mine: Run, other: Run, now: number): ComparedRow {
  const [a, b] = [mine, other].map((run) => outageIn(run, path, now)) as [OutageIn, OutageIn];
  const differMs = a.ms - b.ms;
  const change = Math.abs(differMs) <= a.errorMs + b.errorMs ? 'same' : differMs < 0 ? 'better' : 'worse';
  const isTold = isMeasured(mine, path) && isMeasured(other, path);
  return { id: path, what: `${path} out`, mine: a.text, other: b.text, change: isTold ? change : null };
}

type OutageIn = { ms: number; errorMs: number; text: string };

function outageIn(run: Run, path: Outage['path'], asked: number): OutageIn {
  const now = lastLook(run, asked);
  const worst = worstOutage(run.outages, path, now);
  return {
    ms: worst === null ? 0 : outageMs(worst, now),
    errorMs: worst?.errorMs ?? 0,
    text: isMeasured(run, path) ? outageText(worst, now) : 'not measured',
  };
}

function comparedCount(
  id: (typeof COUNTS)[number]['id'] | 'delayed',
  what: string,
  mine: Run,
  other: Run,
): ComparedRow {
  const [a, b] = [mine.ledger[id], other.ledger[id]];
  const change = a === b ? 'same' : a < b ? 'better' : 'worse';
  const textOf = (run: Run) => (hasCanaries(run) ? formatTotal(run.ledger[id]) : 'not measured');
  const isTold = hasCanaries(mine) && hasCanaries(other);
  return { id, what, mine: textOf(mine), other: textOf(other), change: isTold ? change : null };
}

/** How long the steps took that both have. */
function comparedSteps(mine: Run, other: Run, now: number): ComparedRow[] {
  return mine.steps.flatMap((step) => {
    const twin = other.steps.find(({ id }) => id === step.id);
    if (twin === undefined) return [];
    return [
      { id: `step ${step.id}`, what: step.title, mine: tookIn(mine, step), other: tookIn(other, twin), change: null },
    ];
  });

  function tookIn(run: Run, step: Run['steps'][number]): string {
    const ms = stepMs(step, lastLook(run, now));
    return ms === null ? '–' : formatDuration(ms);
  }
}
