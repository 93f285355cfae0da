/** Reports: the verdict of a run against its hypothesis, in sentences, as Markdown, beside others. Pure. */
import type { FindingLine, RunComparison, RunContext, TrendPoint } from '#lib/contract/drills.ts';
import { formatStopwatch, stepMs, stepShown, VERDICT_MEANS, worstOutage } from '#lib/format/drill.ts';
import { compareRuns, verdictRows } from '#lib/format/drill-report.ts';
import { formatCount, formatMoment } from '#lib/format/quantity.ts';
import { DRILL_PATHS, type Hypothesis, type Run, type RunVerdict } from '#lib/model/drill.ts';

/** How a run came to its end: all steps done, called off by somebody, stopped by a guard, or a step that failed. */
export type Ending = { how: 'done' } | { how: 'aborted'; why: string } | { how: 'failed'; why: string };

/** The verdict and why, at `now` (epoch ms). */
export function judge(
  run: Run,
  hypothesis: Hypothesis,
  ending: Ending,
  now: number,
): { verdict: RunVerdict; because: string[] } {
  if (ending.how !== 'done') return { verdict: ending.how, because: [ending.why] };
  if (run.ledger.published === 0)
    return { verdict: 'unknown', because: ['Every step was done, but no canary ran: what it cost was not measured.'] };
  const rows = verdictRows(hypothesis, { ...run, state: 'ended' }, now);
  const broken = rows.filter(({ state }) => state === 'broken');
  if (broken.length > 0)
    return {
      verdict: 'broken',
      because: broken.map(({ what, promised, measured }) => `${what}: promised ${promised}, measured ${measured}.`),
    };
  const open = rows.filter(({ state }) => state === 'open' || state === 'unmeasured');
  if (open.length > 0)
    return {
      verdict: 'unknown',
      because: [`${formatCount(run.ledger.open, 'canary', 'canaries')} could not be judged.`],
    };
  const within = rows.filter(({ state }) => state === 'within');
  const doubts = within.map(
    ({ what, promised, measured }) => `${what}: promised ${promised}, measured ${measured}, within the error.`,
  );
  return { verdict: 'held', because: ['Everything that was promised was kept.', ...doubts] };
}

/** The report in sentences; the first is the verdict. */
export function reportSentences(run: Run, context: RunContext): string[] {
  const { ledger, faultAt, endedAt, verdict } = run;
  const { findings, changed, ownTasks, schedule } = context;
  const rows = verdictRows(context.hypothesis, run, endedAt ?? run.startedAt);
  return [
    ...(verdict === null ? [] : [VERDICT_MEANS[verdict]]),
    ...run.because,
    ...(ledger.published === 0
      ? []
      : rows.filter(({ id }) => isPath(id)).map(({ id, measured }) => `${capital(id)} was ${measured}.`)),
    ...(ledger.published === 0
      ? []
      : [
          `Of ${formatCount(ledger.confirmed, 'confirmed canary', 'confirmed canaries')} ${ledger.lost} never ran, ${ledger.repeated} ran more than once, and ${ledger.resultsLost} lost their result.`,
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
      verdictRows(context.hypothesis, run, at).map((row) => [row.what, row.promised, row.measured, row.state]),
    ),
    '## Steps',
    table(
      ['Step', 'State', 'Took', 'Seen'],
      run.steps.map((step) => {
        const ms = stepMs(step, at);
        return [step.title, stepShown(step).word, ms === null ? '–' : formatStopwatch(ms), step.says];
      }),
    ),
    '## Calls',
    ...context.plan.steps
      .filter(({ calls }) => calls.length > 0)
      .map(({ title, calls }) => `${cell(title)}\n\n${fenced(calls)}`),
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
