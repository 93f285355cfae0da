/** What was promised beside what was measured, and one run beside another. Pure. */
import { DRILL_PATHS, type Hypothesis, type LedgerCount, type Outage, type Run } from '#lib/model/drill.ts';
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

/** A row for each promise, measured up to its end, or to `asked`. What is broken once stays broken, whatever is still to come. */
export function verdictRows(hypothesis: Hypothesis, run: Run, asked: number): VerdictRow[] {
  const now = lastLook(run, asked);
  const rows = [...DRILL_PATHS.map((path) => outageRow(path, hypothesis, run, now)), ...countRows(hypothesis, run)];
  return run.ledger.published > 0 ? rows : rows.map(unmeasured);
}

/** Nobody looked after the end: what was out then does not grow any more. */
function lastLook({ endedAt }: Run, now: number): number {
  return endedAt ?? now;
}

/** Without canaries there is nothing to go by. */
function unmeasured(row: VerdictRow): VerdictRow {
  return { ...row, measured: 'not measured', state: row.state === 'unpromised' ? 'unpromised' : 'unmeasured' };
}

function outageRow(path: Outage['path'], { outageMs: promises }: Hypothesis, run: Run, now: number): VerdictRow {
  const worst = worstOutage(run.outages, path, now);
  const promise = promises[path];
  const ms = worst === null ? 0 : outageMs(worst, now);
  const isOut = run.outages.some((outage) => outage.path === path && outage.to === null);
  const state = stateOf(ms, worst?.errorMs ?? 0, promise, isUnderWay(run) || isOut);
  return {
    ...{ id: path, what: `${path}: ${PATH_WORDS[path]}`, state },
    promised: promise === null ? '–' : promise === 0 ? 'never out' : `out for ${formatDuration(promise)} at most`,
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
      ...{ id, what, promised: promise === null ? '–' : promise === 0 ? 'none' : `${formatTotal(promise)} at most` },
      measured: `${formatTotal(ledger[id])} of ${formatTotal(baseOf(id, ledger))}`,
      state: stateOf(ledger[id], 0, promise, isUnderWay(run) || ledger.open > 0),
    };
  });
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
    ...COUNTS.map(({ id, what }) => comparedCount(id, what, mine.ledger[id], other.ledger[id])),
    comparedCount('delayed', 'Tasks that took more than a second', mine.ledger.delayed, other.ledger.delayed),
    {
      ...{ id: 'published', what: 'Canaries published', change: null },
      ...{ mine: formatTotal(mine.ledger.published), other: formatTotal(other.ledger.published) },
    },
    ...comparedSteps(mine, other, now),
  ];
}

function comparedOutage(path: Outage['path'], mine: Run, other: Run, now: number): ComparedRow {
  const [a, b] = [mine, other].map((run) => worstOutage(run.outages, path, lastLook(run, now)));
  const aMs = a == null ? 0 : outageMs(a, lastLook(mine, now));
  const bMs = b == null ? 0 : outageMs(b, lastLook(other, now));
  const error = (a?.errorMs ?? 0) + (b?.errorMs ?? 0);
  const differMs = aMs - bMs;
  const change = Math.abs(differMs) <= error ? 'same' : differMs < 0 ? 'better' : 'worse';
  const row = { id: path, what: `${path} out` };
  return {
    ...row,
    mine: outageText(a ?? null, lastLook(mine, now)),
    other: outageText(b ?? null, lastLook(other, now)),
    change,
  };
}

function comparedCount(id: string, what: string, mine: number, other: number): ComparedRow {
  const change = mine === other ? 'same' : mine < other ? 'better' : 'worse';
  return { id, what, mine: formatTotal(mine), other: formatTotal(other), change };
}

/** How long the steps took that both have. */
function comparedSteps(mine: Run, other: Run, now: number): ComparedRow[] {
  return mine.steps.flatMap((step) => {
    const twin = other.steps.find(({ id }) => id === step.id);
    if (twin === undefined) return [];
    const [a, b] = [step, twin].map((one) => {
      const ms = stepMs(one, now);
      return ms === null ? '–' : formatDuration(ms);
    });
    return [{ id: `step ${step.id}`, what: step.title, mine: a ?? '–', other: b ?? '–', change: null }];
  });
}
