/** A run of a drill as Trellis reported it, held against the table and against the witness. Pure. */
import type { RunAnswer } from '#lib/contract/drills.ts';
import { worstOutage } from '#lib/format/drill.ts';
import { DRILL_PATHS, type DrillPath, type LedgerCount, type RunVerdict } from '#lib/model/drill.ts';
import { type Figures, INTERVAL_MS, TICK_INTERVAL_MS } from './drills-account.ts';
import { CANDIDATES, type DrillRow, limitOf, type RolesByName, roleName, struckHost } from './drills-table.ts';

/** So far two clocks and two looks may be apart, besides the interval in which nobody looks. */
const APART_MS = 200;
/** A report's error is larger only where Trellis itself stood still when the outage began or ended, or a clock is off. */
const USUAL_ERROR_MS = 100;
/** What a report never calls an outage: 2.5 usual gaps of canaries, and a usual one may be twice the planned one. */
const NO_OUTAGE_MS = 2.5 * 2 * INTERVAL_MS;

/** The longest outage of a path in a report. */
export type ToldOutage = { readonly ms: number; readonly errorMs: number; readonly isOver: boolean };

/** As much of a report as is judged. */
export type Told = {
  readonly verdict: RunVerdict | null;
  readonly because: readonly string[];
  /** Why something may be lost, in the report's words; null = it names nothing. */
  readonly cause: string | null;
  readonly ledger: LedgerCount;
  /** null = it was not out. */
  readonly outages: Readonly<Record<DrillPath, ToldOutage | null>>;
};

/** One finished run. */
export type DrillRun = {
  readonly drill: DrillRow['drill'];
  /** From 1. */
  readonly run: number;
  /** What it was aimed at, as Trellis names it. */
  readonly target: string | null;
  readonly before: RolesByName;
  /** Everybody who had each role at some time of the run. */
  readonly during: Readonly<Record<string, readonly string[]>>;
  readonly told: Told | null;
  readonly witness: Figures | null;
  /** The largest share (0 to 1) that the host took of the machine for five seconds; null = not watched. */
  readonly stolen: number | null;
  /** What kept it from being measured; null = nothing. Of what was measured `problemOf` tells whether it counts. */
  readonly problem: string | null;
};

/** Takes out of a report what is judged. */
export function toldOf({ run, hypothesis }: RunAnswer): Told {
  const now = run.endedAt ?? run.startedAt;
  const outages = DRILL_PATHS.map((path): [DrillPath, ToldOutage | null] => {
    const worst = worstOutage(run.outages, path, now);
    return [path, worst === null ? null : { ms: worst.ms, errorMs: worst.errorMs, isOver: worst.to !== null }];
  });
  return {
    ...{ verdict: run.verdict, because: run.because, cause: hypothesis.because, ledger: run.ledger },
    outages: Object.fromEntries(outages) as Told['outages'],
  };
}

/** Where a run differs from what the table promised; empty = the hypothesis held. An outage is too long by more than its error. */
export function judge(row: DrillRow, { told, target, before, during }: DrillRun): string[] {
  if (told === null) return ['there is no report'];
  const { verdict, because, ledger } = told;
  const struck = struckHost(row, target, before);
  const ended = verdict === 'held' || verdict === 'broken' ? [] : [`ended as ${verdict}: ${because.join(' ')}`];
  const unjudged = ledger.open > 0 ? [`${ledger.open} canaries were not judged`] : [];
  const measured = ledger.published > 0 ? [] : ['no canary was published'];
  const outages = DRILL_PATHS.flatMap((path) => outageTooLong(path, told, limitOf(row, path, struck, before)));
  const moves = row.moves.flatMap((role) => {
    if (struck === null) return [];
    const name = roleName(role, struck);
    if (before[name] !== struck) return [];
    const heirs = CANDIDATES[role].filter((host) => host !== struck);
    return heirs.some((host) => during[name]?.includes(host)) ? [] : [`${name}: nobody of ${heirs.join(', ')} had it`];
  });
  return [...ended, ...measured, ...countsTooHigh(row, told), ...unjudged, ...outages, ...moves];
}

function countsTooHigh(row: DrillRow, { ledger }: Told): string[] {
  return (['lost', 'repeated', 'resultsLost'] as const)
    .filter((name) => ledger[name] > row[name])
    .map((name) => `${COUNTED[name]}: ${ledger[name]} instead of at most ${row[name]}`);
}

const COUNTED = { lost: 'lost', repeated: 'repeated', resultsLost: 'results lost' } as const;

function outageTooLong(path: DrillPath, { outages }: Told, limitMs: number): string[] {
  const outage = outages[path];
  if (outage === null) return [];
  if (!outage.isOver) return [`${path}: was not back`];
  if (outage.ms - outage.errorMs <= limitMs) return [];
  return [`${path}: out for ${outage.ms} ± ${outage.errorMs} ms instead of at most ${limitMs}`];
}

/** Where report and witness differ. */
export function disagreements(run: Pick<DrillRun, 'told' | 'witness'>): string[] {
  const { told, witness } = run;
  if (told === null || witness === null) return ['there is nothing to compare'];
  return [
    ...countsApart(told, witness),
    ...DRILL_PATHS.flatMap((path) =>
      outagesApart(path, told.outages[path], bestSeen(path, told.outages[path], witness)),
    ),
  ];
}

/**
 * Of the canaries both know everything but one thing: which confirmed ones never ran, for only
 * who published them knows of the confirms; where all were confirmed the count must be the same. Of other tasks the witness
 * can lose some by chance where no canary was lost; but then the report's "nothing lost" is wrong.
 */
function countsApart({ ledger }: Told, witness: Figures): string[] {
  const { canaries, probes, traffic } = witness;
  const same = (what: string, mine: number, theirs: number) =>
    mine === theirs ? [] : [`${what}: ${mine} by the report, ${theirs} by the witness`];
  const neverRan = ledger.published - canaries.executed;
  const least = Math.max(0, neverRan - (ledger.published - ledger.confirmed));
  const elsewhere = probes.lost + traffic.lost;
  return [
    ...same('executed', ledger.executed, canaries.executed),
    ...same('repeated', ledger.repeated, canaries.repeated),
    ...same('results lost', ledger.resultsLost, canaries.resultsLost),
    ...(ledger.lost < least || ledger.lost > neverRan
      ? [`lost: ${ledger.lost} by the report, ${least === neverRan ? least : `${least} to ${neverRan}`} by the witness`]
      : []),
    ...(ledger.lost === 0 && elsewhere > 0
      ? [`lost: none by the report, ${probes.lost} of the witness's tasks and ${traffic.lost} of the traffic's`]
      : []),
  ];
}

/** Which of the two that the witness watched, its own tasks and the canaries, tells of what the report speaks of: the nearer one. */
function bestSeen(path: DrillPath, told: ToldOutage | null, { outageMs, canaryOutageMs }: Figures): number | null {
  const own = outageMs[path];
  const canary = path === 'execute' || path === 'result' ? canaryOutageMs[path] : null;
  if (own === null || canary === null) return own;
  const ms = told?.ms ?? 0;
  return Math.abs(canary - ms) < Math.abs(own - ms) ? canary : own;
}

/** Schedules have other rhythms than canaries: the report's own error counts there, too. */
function outagesApart(path: DrillPath, told: ToldOutage | null, seenMs: number | null): string[] {
  const isOver = told === null || told.isOver;
  const toldText = told === null ? 'not out' : told.isOver ? `${told.ms} ms` : 'not back';
  if (seenMs === null) return isOver ? [`${path}: ${toldText} by the report, not back or not seen by the witness`] : [];
  const seen = Math.round(seenMs);
  if (!isOver) return [`${path}: not back by the report, ${seen} ms by the witness`];
  const errorMs = told?.errorMs ?? 0;
  const apartMs =
    APART_MS + (path === 'schedule' ? TICK_INTERVAL_MS + errorMs : INTERVAL_MS + Math.max(0, errorMs - USUAL_ERROR_MS));
  const allowedMs = told === null ? Math.max(apartMs, NO_OUTAGE_MS) : apartMs;
  const isNear = Math.abs((told?.ms ?? 0) - seenMs) <= allowedMs;
  return isNear ? [] : [`${path}: ${toldText} by the report, ${seen} ms by the witness, ${allowedMs} ms allowed`];
}

/** Of more than this for five seconds everything here stands still, also what a report knows nothing of. */
const STOLEN_LIMIT = 0.5;

/**
 * Why a run counts for nothing; null = it counts. Where the host took the machine the outages say nothing of the drill, whether
 * they were as promised or not: to repeat only what failed would choose among runs. A wrong count no slow machine excuses.
 */
export function problemOf(row: DrillRow, run: DrillRun): string | null {
  if (run.problem !== null) return run.problem;
  if (run.stolen === null || run.stolen <= STOLEN_LIMIT) return null;
  if (run.told === null || run.witness === null) return null;
  if (countsTooHigh(row, run.told).length + countsApart(run.told, run.witness).length > 0) return null;
  return `the host took ${Math.round(run.stolen * 100)} % of the machine for five seconds`;
}

/** Held and confirmed by the witness, or broken for a cause that the report names, and confirmed by the witness. */
export function isPassed(row: DrillRow, run: DrillRun): boolean {
  if (problemOf(row, run) !== null || disagreements(run).length > 0) return false;
  return judge(row, run).length === 0 || isExplained(run);
}

/** The report itself says that more was lost than promised, and why. */
function isExplained({ told }: DrillRun): boolean {
  return told?.verdict === 'broken' && told.cause !== null;
}
