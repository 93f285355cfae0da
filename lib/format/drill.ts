/** Drills in words: risks, states, verdicts, outages, what is promised. Pure. */
import type {
  DRILL_PATHS,
  DrillId,
  DrillPath,
  DrillRisk,
  Hypothesis,
  LedgerCount,
  Outage,
  Run,
  RunStep,
  RunVerdict,
  StepState,
} from '#lib/model/drill.ts';
import type { Shown } from '#lib/model/status.ts';
import { andList } from './list.ts';
import { formatDuration } from './task.ts';

/** The catalog by what is failed over. */
export const DRILL_LAYERS: readonly { title: string; drills: readonly DrillId[] }[] = [
  { title: 'Result store', drills: ['redis-switch', 'redis-failover', 'redis-crash', 'redis-hang'] },
  {
    title: 'Broker',
    drills: ['broker-switch', 'broker-crash', 'broker-hang', 'queue-leader-move', 'queue-sync', 'connections-drop'],
  },
  { title: 'Beat', drills: ['beat-handover', 'beat-crash'] },
  { title: 'Coordination', drills: ['consul-leader'] },
  { title: 'Workers', drills: ['worker-crash'] },
  { title: 'Proxies', drills: ['proxy-crash'] },
  { title: 'Hosts', drills: ['host-crash'] },
];

/** A risk in a word, and what it means. */
export const RISK_WORDS: Readonly<Record<DrillRisk, { word: string; means: string }>> = {
  reversible: { word: 'reversible', means: 'Everything that it does can be taken back.' },
  switch: { word: 'moves a role', means: 'A role moves. It moves back in the same way.' },
  forced: { word: 'forced', means: 'Something is broken on purpose. What is lost with it does not come back.' },
};

const VERDICTS: Readonly<Record<RunVerdict, Shown>> = {
  held: { status: 'ok', word: 'held' },
  broken: { status: 'down', word: 'broken' },
  aborted: { status: 'maintenance', word: 'aborted' },
  failed: { status: 'down', word: 'failed' },
  unknown: { status: 'unknown', word: 'cannot be told' },
};

/** What a verdict says, in one sentence. */
export const VERDICT_MEANS: Readonly<Record<RunVerdict, string>> = {
  held: 'The estate kept what was promised.',
  broken: 'The estate did not keep what was promised.',
  aborted: 'The drill was aborted.',
  failed: 'The drill could not do what it was to do.',
  unknown: 'What happened cannot be told for certain.',
};

/** A run in a word: its verdict once it ended, else how far it is. */
export function runShown({ state, verdict, steps }: Pick<Run, 'state' | 'verdict' | 'steps'>): Shown {
  if (state === 'lost') return { status: 'down', word: 'lost sight of' };
  if (state === 'undoing') return { status: 'maintenance', word: 'being undone' };
  if (state === 'ended') return verdictShown(verdict);
  const index = steps.findIndex(({ state: of }) => of === 'running');
  const at = index >= 0 ? index + 1 : steps.filter(({ state: of }) => of !== 'waiting').length;
  return { status: 'maintenance', word: `running · ${at} of ${steps.length}` };
}

/** A verdict in a word; null = there is none. */
export function verdictShown(verdict: RunVerdict | null): Shown {
  return VERDICTS[verdict ?? 'unknown'];
}

/** True while something may still happen by itself. */
export function isUnderWay({ state }: Pick<Run, 'state'>): boolean {
  return state === 'running' || state === 'undoing';
}

const STEPS: Readonly<Record<StepState, Shown>> = {
  waiting: { status: 'unknown', word: 'waiting' },
  running: { status: 'maintenance', word: 'running' },
  done: { status: 'ok', word: 'done' },
  failed: { status: 'down', word: 'failed' },
  undone: { status: 'maintenance', word: 'taken back' },
  skipped: { status: 'unknown', word: 'skipped' },
  unknown: { status: 'degraded', word: 'nobody knows' },
};

export function stepShown({ state }: Pick<RunStep, 'state'>): Shown {
  return STEPS[state];
}

/** How long the step took, or takes by now; null = it has not begun. */
export function stepMs({ startedAt, endedAt }: Pick<RunStep, 'startedAt' | 'endedAt'>, now: number): number | null {
  return startedAt === null ? null : Math.max(0, (endedAt ?? now) - startedAt);
}

/** `00:06.1`; from an hour on `1:02:03.4`. Before zero `−00:02.0`. */
export function formatStopwatch(elapsedMs: number): string {
  if (elapsedMs < 0) return `−${formatStopwatch(-elapsedMs)}`;
  const tenths = Math.floor(elapsedMs / 100);
  const [hours, minutes, seconds] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60, (tenths % 600) / 10];
  const clock = `${String(minutes).padStart(2, '0')}:${seconds.toFixed(1).padStart(4, '0')}`;
  return hours === 0 ? clock : `${hours}:${clock}`;
}

/** `+2.99 s`, `−0.40 s`: seconds from the fault, as precise as marks are told. */
export function formatOffset(offsetMs: number): string {
  const digits = Math.abs(offsetMs) < 99_995 ? 2 : 0;
  return `${offsetMs < 0 ? '−' : '+'}${(Math.abs(offsetMs) / 1_000).toFixed(digits)} s`;
}

/** `0.20 s ± 0.05`, `3.6 s ± 0.1`, `74 s ± 1`: no more digits than the error leaves. */
export function formatOutage(ms: number, errorMs: number): string {
  const digits = errorMs >= 1_000 ? 0 : errorMs >= 100 ? 1 : 2;
  return `${(ms / 1_000).toFixed(digits)} s ± ${Math.max(errorMs / 1_000, 10 ** -digits).toFixed(digits)}`;
}

/** The length of an outage at `now`; one that goes on grows. */
export function outageMs({ from, to, ms }: Outage, now: number): number {
  return to === null ? Math.max(ms, now - from) : ms;
}

/** The longest outage of a path at `now`; null = there was none. */
export function worstOutage(outages: readonly Outage[], path: DrillPath, now: number): Outage | null {
  const mine = outages.filter((outage) => outage.path === path);
  return mine.reduce<Outage | null>((worst, one) => {
    return worst === null || outageMs(one, now) > outageMs(worst, now) ? one : worst;
  }, null);
}

/** What each path is to an application. */
export const PATH_WORDS: Readonly<Record<(typeof DRILL_PATHS)[number], string>> = {
  publish: 'tasks are accepted',
  execute: 'tasks are run',
  result: 'results are read',
  schedule: 'beat sends what is due',
};

/** What is promised, in sentences. */
export function hypothesisSentences({ lost, repeated, resultsLost, outageMs, winner, because }: Hypothesis): string[] {
  const counts = [
    countText(lost, 'task is lost', 'tasks are lost'),
    countText(repeated, 'task runs twice', 'tasks run twice'),
    countText(resultsLost, 'result is lost', 'results are lost'),
  ].filter((text) => text !== null);
  const outages = Object.entries(outageMs).flatMap(([path, ms]) =>
    ms === null ? [] : [`${path} is ${ms === 0 ? 'not touched' : `out for ${formatDuration(ms)} at most`}`],
  );
  // Not first in its sentence: a name keeps its small letter.
  const taken = winner === '' ? '' : `takes over: ${winner}`;
  return [taken, andList(counts), andList(outages), because ?? ''].filter((text) => text !== '').map(asSentence);
}

/** `redis-2 or redis-3 takes over`. */
export function winnerText(winner: string): string {
  return `${winner} takes over`;
}

/** null = nothing is promised. */
function countText(most: number | null, one: string, many: string): string | null {
  if (most === null) return null;
  return most === 0 ? `no ${one}` : `${most} ${most === 1 ? one : many} at most`;
}

function asSentence(text: string): string {
  const [first = '', ...rest] = text;
  return `${first.toUpperCase()}${rest.join('')}${/[.!?]$/.test(text) ? '' : '.'}`;
}

/** One share of the ledger. */
export type LedgerPart = { id: keyof LedgerCount | 'good'; word: string; count: number };

/**
 * The published canaries by what became of each, in shares that do not overlap: what went wrong is told apart from what went well.
 * Not confirmed = the publisher knew that it was not taken.
 */
export function ledgerParts(count: LedgerCount): LedgerPart[] {
  const { published, confirmed, lost, repeated, resultsLost, open, delayed } = count;
  const unconfirmed = count.unconfirmed ?? Math.max(0, published - confirmed - open);
  const wrong = lost + repeated + resultsLost;
  const slow = Math.max(0, Math.min(delayed, confirmed - wrong));
  const good = Math.max(0, published - unconfirmed - open - wrong - slow);
  const parts: readonly LedgerPart[] = [
    { id: 'good', word: 'run once, result read', count: good },
    { id: 'delayed', word: 'the same, after more than a second', count: slow },
    { id: 'repeated', word: 'run more than once', count: repeated },
    { id: 'resultsLost', word: 'run, result lost', count: resultsLost },
    { id: 'lost', word: 'lost', count: lost },
    { id: 'unconfirmed', word: 'not confirmed', count: unconfirmed },
    { id: 'open', word: 'open', count: open },
  ];
  return parts.filter(({ count: many }) => many > 0);
}
