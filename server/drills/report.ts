/** Reports: the verdict of a run against its hypothesis, in sentences, as Markdown, beside others. Pure. */
import type { FindingLine, RunComparison, RunContext, TrendPoint } from '#lib/contract/drills.ts';
import {
  formatStopwatch,
  ledgerParts,
  stepMs,
  stepShown,
  VERDICT_MEANS,
  winnerText,
  worstOutage,
} from '#lib/format/drill.ts';
import { compareRuns, type VerdictRow, verdictRows } from '#lib/format/drill-report.ts';
import { formatCount, formatMoment } from '#lib/format/quantity.ts';
import { formatDuration } from '#lib/format/task.ts';
import { DRILL_PATHS, type Hypothesis, type Run, type RunVerdict } from '#lib/model/drill.ts';

/** How a run came to its end: all steps done, called off by somebody, stopped by a guard, or a step that failed. */
export type Ending = { how: 'done' } | { how: 'aborted'; why: string } | { how: 'failed'; why: string };

/** What was seen besides the canaries: null = not told. */
export type SeenBeside = Pick<RunContext, 'ownTasks'> & {
  /** Name of who took over. */
  tookOver: string | null;
};

/** The verdict and why, at `now` (epoch ms). */
export function judge(
  run: Run,
  hypothesis: Hypothesis,
  ending: Ending,
  now: number,
  { ownTasks, tookOver }: SeenBeside,
): { verdict: RunVerdict; because: string[] } {
  if (ending.how !== 'done') return { verdict: ending.how, because: [ending.why] };
  if (run.ledger.published === 0)
    return { verdict: 'unknown', because: ['Every step was done, but no canary ran: what it cost was not measured.'] };
  const rows = verdictRows(hypothesis, { ...run, state: 'ended' }, now, ownTasks);
  const broken = rows.filter(({ state }) => state === 'broken');
  const still = stoodStill(run);
  if (broken.length > 0) return { verdict: 'broken', because: [...broken.map((row) => `${besides(row)}.`), ...still] };
  const doubts = [
    ...still,
    ...rows.filter(({ state }) => state === 'within').map((row) => `${besides(row)}, within the error.`),
    ...tookOverDoubts(hypothesis, tookOver),
  ];
  const untold = [...untoldPaths(rows, hypothesis), ...untoldCanaries(run)];
  if (untold.length > 0) return { verdict: 'unknown', because: [...untold, ...doubts] };
  return { verdict: 'held', because: ['Everything that was promised was kept.', ...doubts] };
}

function besides({ what, promised, measured }: VerdictRow): string {
  return `${what}: promised ${promised}, measured ${measured}`;
}

/** What was out to the end; and what the drill breaks on purpose, and nobody could measure. */
function untoldPaths(rows: readonly VerdictRow[], { outageMs }: Hypothesis): string[] {
  return DRILL_PATHS.flatMap((path) => {
    const row = rows.find(({ id }) => id === path);
    if (row?.state === 'open') return [`${capital(path)} was ${row.measured}.`];
    const isBroken = (outageMs[path] ?? 0) > 0;
    return row?.state === 'unmeasured' && isBroken ? [`${capital(path)} was not measured: ${UNMEASURED_WHY}`] : [];
  });
}

const UNMEASURED_WHY =
  'too few ticks of beat were seen. They are seen where task_send_sent_event is on, and some schedule is due every minute.';

/** Less is what every machine takes now and then. */
const STILL_TOLD_MS = 500;

/** What it did not see is no outage, and whoever reads the report is to know it. */
function stoodStill({ stoodStillMs = 0 }: Run): string[] {
  if (stoodStillMs < STILL_TOLD_MS) return [];
  return [`Trellis itself stood still for ${formatDuration(stoodStillMs)} in all: its machine was too busy to look.`];
}

function untoldCanaries({ ledger: { open } }: Run): string[] {
  return open === 0 ? [] : [`${formatCount(open, 'canary', 'canaries')} could not be judged.`];
}

/** Whoever has a role again that died with it may have been started anew before the others came. */
function tookOverDoubts({ winner }: Hypothesis, tookOver: string | null): string[] {
  if (winner === '' || tookOver === null || winner.split(/, | or /).includes(tookOver)) return [];
  return [`${winnerText(winner)} was promised; it was ${tookOver}.`];
}

/** The report in sentences; the first is the verdict. */
export function reportSentences(run: Run, context: RunContext): string[] {
  const { ledger, faultAt, endedAt, verdict } = run;
  const { findings, changed, ownTasks, schedule } = context;
  const rows = verdictRows(context.hypothesis, run, endedAt ?? run.startedAt);
  const unconfirmed = ledger.unconfirmed ?? 0;
  return [
    ...(verdict === null ? [] : [VERDICT_MEANS[verdict]]),
    ...run.because,
    ...(ledger.published === 0
      ? []
      : rows.filter(({ id }) => isPath(id)).map(({ id, measured }) => `${capital(id)} was ${measured}.`)),
    ...(ledger.published === 0
      ? []
      : [
          `Of ${formatCount(ledger.confirmed, 'confirmed canary', 'confirmed canaries')} ${ledger.lost} never ran, ${ledger.repeated} ran more than once, ${ledger.resultsLost} lost their result, and ${ledger.delayed} took more than a second.`,
        ]),
    ...(unconfirmed === 0
      ? []
      : [
          `${formatCount(unconfirmed, 'canary was', 'canaries were')} not confirmed: their publisher knew that they may not run.`,
        ]),
    ...(ownTasks === null
      ? []
      : [
          `Of the estate’s own tasks ${ownTasks.inFlight} were under way when it began: ${ownTasks.finished} ended, ${ownTasks.orphaned} were left behind, ${ownTasks.repeated} ran more than once.`,
        ]),
    ...(schedule === null
      ? []
      : [`Of the schedule ${formatCount(schedule.missed, 'tick')} were missed and ${schedule.doubled} came twice.`]),
    ...foundText(
      'Found meanwhile, caused by the drill',
      findings.during.filter(({ caused }) => caused === true),
    ),
    ...foundText(
      'Found meanwhile',
      findings.during.filter(({ caused }) => caused !== true),
    ),
    ...changed,
    ...(run.undoLeft.length === 0 && run.steps.some(({ state }) => state === 'undone')
      ? ['What it had begun for a moment was taken back.']
      : []),
    ...(faultAt === null ? ['It ended before anything was done to the estate.'] : []),
    ...run.undoLeft.map((text) => `Still to take back: ${text}`),
  ];
}

function foundText(lead: string, found: readonly FindingLine[]): string[] {
  return found.length === 0 ? [] : [`${lead}: ${found.map(({ code }) => code).join(', ')}.`];
}

/** The report as Markdown. */
export function reportMarkdown(run: Run, context: RunContext, comparison: RunComparison | null): string {
  const at = run.endedAt ?? run.startedAt;
  const zero = run.faultAt ?? run.startedAt;
  const parts = [
    `# ${run.drill} on ${cell(context.targetName)}: ${run.verdict ?? run.state}`,
    reportSentences(run, context).map(cell).join('\n'),
    table(
      ['', ''],
      [
        ['Run', run.id],
        ['By', run.actor],
        ['Why', run.reason],
        ['Began', formatMoment(run.startedAt)],
        ['Fault', run.faultAt === null ? 'none' : formatMoment(run.faultAt)],
        ['Ended', run.endedAt === null ? 'not yet' : formatMoment(run.endedAt)],
      ],
    ),
    '## Promised and measured',
    table(
      ['What', 'Promised', 'Measured', 'Kept'],
      verdictRows(context.hypothesis, run, at, context.ownTasks).map((row) => [
        row.what,
        row.promised,
        row.measured,
        row.state,
      ]),
    ),
    '## Ledger',
    table(
      ['Canaries', ''],
      ledgerParts(run.ledger).map(({ word, count }) => [word, String(count)]),
    ),
    '## Steps',
    table(
      ['Step', 'State', 'Took', 'Seen'],
      run.steps.map((step) => {
        const ms = stepMs(step, at);
        return [step.title, stepShown(step).word, ms === null ? '–' : formatStopwatch(ms), step.says];
      }),
    ),
    '## Guards before it began',
    table(
      ['', 'What was checked'],
      run.checks.map(({ level, text }) => [level, text]),
    ),
    ...context.plan.warnings.map((text) => `- ${cell(text)}`),
    '## Calls',
    ...context.plan.steps
      .filter(({ calls }) => calls.length > 0)
      .map(
        ({ title, calls, undo }) => `${cell(title)}\n\n${fenced([...calls, ...undo.map((call) => `undo: ${call}`)])}`,
      ),
    '## Findings',
    table(
      ['', 'Code', 'What'],
      [
        ...foundRows('open before', context.findings.before),
        ...foundRows('new meanwhile', context.findings.during),
        ...foundRows('open at the end', context.findings.after),
      ],
    ),
    '## What was seen',
    table(
      ['From the fault', 'Who', 'What'],
      run.marks.map((mark) => [formatStopwatch(mark.at - zero), mark.by, mark.text]),
    ),
    ...(comparison === null
      ? []
      : [
          `## Beside run ${comparison.with}`,
          table(
            ['What', 'This run', 'The other', 'This one is'],
            comparison.rows.map((row) => [row.what, row.mine, row.other, row.change ?? '']),
          ),
        ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function foundRows(when: string, findings: readonly FindingLine[]): string[][] {
  return findings.map(({ code, text, caused }) => [caused === true ? `${when}, caused by it` : when, code, text]);
}

/** One run beside another. */
export function comparisonOf(mine: Run, other: Run, now: number): RunComparison {
  return { with: other.id, rows: compareRuns(mine, other, now) };
}

/** A run as a point of the trend of its drill. */
export function trendPoint(
  run: Pick<Run, 'id' | 'startedAt' | 'endedAt' | 'verdict' | 'outages' | 'ledger'>,
): TrendPoint {
  const at = run.endedAt ?? run.startedAt;
  const outages = DRILL_PATHS.map((path) => [path, worstOutage(run.outages, path, at)?.ms ?? null]);
  const { lost, repeated, resultsLost } = run.ledger;
  return {
    ...{ run: run.id, at: run.startedAt, verdict: run.verdict, lost, repeated, resultsLost },
    outageMs: Object.fromEntries(outages) as TrendPoint['outageMs'],
  };
}

function isPath(id: string): boolean {
  return (DRILL_PATHS as readonly string[]).includes(id);
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** A list as a table; without rows as a word. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return 'Nothing.';
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** Text that ends neither the cell nor the line. */
function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function fenced(lines: readonly string[]): string {
  return `\`\`\`\n${lines.map((line) => line.replaceAll('```', "'''")).join('\n')}\n\`\`\``;
}
