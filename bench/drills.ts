/** The bench of drills: each of the catalog several times on the real lab, held against the table and against a witness. */
import { rmSync } from 'node:fs';
import { labContext } from '#lab/context.ts';
import type { LabContext } from '#lab/roles/role.ts';
import type { RunAnswer } from '#lib/contract/drills.ts';
import { DRILL_PATHS, type DrillPath } from '#lib/model/drill.ts';
import type { Bench, BenchContext } from './bench.ts';
import { type DrillClient, drillClient } from './drill-client.ts';
import { drillDataDir, runDrillTrellis } from './drill-trellis.ts';
import { watchRoles } from './drills-roles.ts';
import { DRILL_TABLE, type DrillRow } from './drills-table.ts';
import { type DrillRun, disagreements, isPassed, judge, problemOf, toldOf } from './drills-verdict.ts';
import { notifyKeyspace, startWitness } from './drills-witness.ts';
import { seeded, shuffled } from './event-random.ts';
import type { LiveStream } from './live-stream.ts';
import { aligned, median, type Result, single, worstOf } from './report.ts';
import { bringLabUp, type Trellis, upForCertain, waitShownWhole, watchStream } from './session.ts';
import { watchStolenTime } from './stolen-time.ts';
import { Store } from './store.ts';

const RUNS = 5;
/** Decides the order; another one would do as well. */
const SEED = 20_261;
const REASON = 'bench of drills';
/** Until nothing stands against the plan: copies in sync, lags gone. */
const CLEAR_LIMIT_MS = 120_000;
/** The longest steps, and the judging of the last canaries. */
const RUN_LIMIT_MS = 1_500_000;

type Wanted = { readonly row: DrillRow; readonly run: number };

/** `npm run bench -- drills` */
export const drills: Bench = {
  title: 'Drills, held against their hypotheses and an independent witness',
  run: async (context) => {
    const { lab, options, say } = context;
    const store = new Store<DrillRun>(lab.paths.root, 'drills', options.again);
    const rows = DRILL_TABLE.filter(({ drill }) => drill.includes(options.only));
    const count = options.runs ?? RUNS;
    const runOf = ({ row, run }: Wanted) => store.rows.findLast((one) => one.drill === row.drill && one.run === run);
    const wanted = rows.flatMap((row) => Array.from({ length: count }, (_, index) => ({ row, run: index + 1 })));
    // What went wrong beside the drill has measured nothing.
    const left = shuffled(seeded(SEED), wanted).filter((one) => {
      const run = runOf(one);
      return run === undefined || problemOf(one.row, run) !== null;
    });
    if (left.length > 0) {
      await bringLabUp(context);
      context.atEnd('data nodes as before', () => notifyKeyspace(false));
      const trellis = await startAfresh(context);
      const live = await watchStream(trellis, context);
      for (const [index, { row, run }] of left.entries()) {
        say(`${index + 1}/${left.length} ${row.drill} ${run}`);
        const done = await oneRun(context, trellis, live, { row, run });
        store.add(done);
        say(textOf(row, done));
      }
    }
    const done = wanted.flatMap((one) => runOf(one) ?? []);
    const spoilt = rows.flatMap((row) =>
      store.rows
        .filter(({ drill }) => drill === row.drill)
        .flatMap((run) => problemOf(row, run) ?? [])
        .map((problem) => `  ${row.drill}: ${problem}`),
    );
    say([`runs that counted for nothing: ${spoilt.length}`, ...spoilt].join('\n'));
    const runsOf = ({ drill }: DrillRow) => done.filter((one) => one.drill === drill);
    say(`drills:\n${aligned([HEAD, ...rows.map((row) => cells(row, runsOf(row), count))])}`);
    return rows.flatMap((row) => resultsOf(row, runsOf(row), count));
  },
};

/** With no runs of before: what one of them left would stand against every plan. */
function startAfresh(context: BenchContext): Promise<Trellis> {
  rmSync(drillDataDir(context), { recursive: true, force: true });
  return runDrillTrellis(context);
}

/** One run; what keeps it from being measured is told, and ends nothing but it. */
async function oneRun(
  { lab, say }: BenchContext,
  { url, child }: Trellis,
  live: LiveStream,
  { row, run }: Wanted,
): Promise<DrillRun> {
  const base = {
    drill: row.drill,
    run,
    target: row.target,
    before: {},
    during: {},
    told: null,
    witness: null,
    stolen: null,
  };
  if (child.hasEnded) throw new Error('Trellis has ended by itself');
  const client = drillClient(url);
  try {
    await upForCertain(lab);
    await waitShownWhole(live);
    return { ...base, ...(await drillOnce(client, labContext(lab.paths), row)), problem: null };
  } catch (error) {
    await clearUp(client, say);
    return { ...base, problem: (error as Error).message.split('\n')[0] ?? '' };
  } finally {
    await upForCertain(lab);
  }
}

type Measured = Pick<DrillRun, 'target' | 'before' | 'during' | 'told' | 'witness' | 'stolen'>;

async function drillOnce(client: DrillClient, lab: LabContext, row: DrillRow): Promise<Measured> {
  const { target } = await client.clearPlan(row.drill, row.target, CLEAR_LIMIT_MS);
  const roles = await watchRoles(lab);
  const { before } = roles;
  const witness = await startWitness(lab);
  const stolen = watchStolenTime();
  try {
    await witness.steady();
    const { run } = await client.startWhenClear(row.drill, target, REASON, CLEAR_LIMIT_MS);
    const answer = await client.follow(run.id, { limitMs: RUN_LIMIT_MS });
    const during = roles.during();
    // Where it cannot, the next plan says what stands against it.
    await takeBack(client, answer).catch(() => undefined);
    const seen = await witness.finish({ fromMs: answer.run.startedAt, untilMs: endOfSteps(answer) });
    return { target, before, during, told: toldOf(answer), witness: seen, stolen: stolen() };
  } finally {
    stolen();
    roles.end();
    await witness.end();
  }
}

/** Afterwards only the last canaries are judged, and none is published. */
function endOfSteps({ run, now }: RunAnswer): number {
  const ends = run.steps.flatMap(({ endedAt }) => endedAt ?? []);
  return ends.length === 0 ? (run.endedAt ?? now) : Math.max(...ends);
}

/** A lost run would stand against every other. */
async function takeBack(client: DrillClient, { run }: Pick<RunAnswer, 'run'>): Promise<void> {
  if (run.state === 'lost') await client.takeBack(run.id, REASON);
}

/** Calls off what is still under way; what cannot be told, or taken back, is said and left to the lab. */
async function clearUp(client: DrillClient, say: BenchContext['say']): Promise<void> {
  try {
    const { active } = await client.catalog();
    if (active === null) return;
    await client.abort(active.id, REASON).catch(() => undefined); // it may be past its last step
    await takeBack(client, await client.follow(active.id, { limitMs: RUN_LIMIT_MS }));
  } catch (error) {
    say(`not cleared up: ${(error as Error).message}`);
  }
}

/** A run for people: what it cost, and what is wrong with it. */
function textOf(row: DrillRow, done: DrillRun): string {
  const { told, witness } = done;
  const problem = problemOf(row, done);
  if (told === null || witness === null) return `  not measured: ${problem}`;
  const outages = DRILL_PATHS.map((path) => {
    const mine = told.outages[path];
    return `${path} ${mine === null ? 0 : mine.isOver ? mine.ms : 'open'}/${rounded(witness.outageMs[path])}`;
  });
  const { ledger } = told;
  const counts = `lost ${ledger.lost}, repeated ${ledger.repeated}, results lost ${ledger.resultsLost} of ${ledger.confirmed}`;
  return [
    `  ${told.verdict}: ${counts}; ms by the report/by the witness: ${outages.join(', ')}`,
    `  witness: ${JSON.stringify(witness)}`,
    ...judge(row, done).map((text) => `  NOT as promised: ${text}`),
    ...disagreements(done).map((text) => `  NOT as witnessed: ${text}`),
    ...(problem === null ? [] : [`  counts for nothing, to be run again: ${problem}`]),
  ].join('\n');
}

const HEAD = [
  ...['drill', 'held', 'witnessed', 'passed'],
  ...DRILL_PATHS.map((path) => `${path} ms`),
  ...['lost', 'repeated', 'results lost'],
];

/** Counts of runs; outages and counts as median / worst. */
function cells(row: DrillRow, runs: readonly DrillRun[], count: number): string[] {
  const of = (is: (run: DrillRun) => boolean) => `${runs.filter(is).length}/${count}`;
  const both = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    const worst = known.length < values.length || known.length === 0 ? null : Math.max(...known);
    return `${rounded(median(known))} / ${rounded(worst)}`;
  };
  return [
    row.drill,
    of((run) => isHeld(row, run)),
    of((run) => disagreements(run).length === 0),
    of((run) => isPassed(row, run)),
    ...DRILL_PATHS.map((path) => both(outagesOf(runs, path))),
    ...(['lost', 'repeated', 'resultsLost'] as const).map((name) => both(countsOf(runs, name))),
  ];
}

function resultsOf(row: DrillRow, runs: readonly DrillRun[], count: number): Result[] {
  const { drill } = row;
  const held = runs.filter((run) => isHeld(row, run)).length;
  const passed = runs.filter((run) => isPassed(row, run)).length;
  const apart = runs.filter((run) => disagreements(run).length > 0).length;
  const missing = count - runs.length;
  return [
    single(`${drill}: runs neither as promised nor explained`, count - passed, '', 0, `held ${held} of ${count}`),
    single(`${drill}: runs that the witness saw otherwise`, apart + missing, '', 0, 'events, result store, ledger'),
    ...DRILL_PATHS.map((path) =>
      worstOf(`${drill}: ${path} out`, outagesOf(runs, path), 'ms', null, `promised ${row.outageMs[path]}`),
    ),
    ...(['lost', 'repeated', 'resultsLost'] as const).map((name) =>
      worstOf(`${drill}: ${name}`, countsOf(runs, name), 'canaries', null, `promised ${row[name]}`),
    ),
  ];
}

function isHeld(row: DrillRow, run: DrillRun): boolean {
  return problemOf(row, run) === null && judge(row, run).length === 0;
}

/** By the reports; null = not measured, or not back. */
function outagesOf(runs: readonly DrillRun[], path: DrillPath): (number | null)[] {
  return runs.map(({ told }) => {
    const outage = told?.outages[path];
    if (outage === undefined) return null;
    return outage === null ? 0 : outage.isOver ? outage.ms : null;
  });
}

function countsOf(runs: readonly DrillRun[], name: 'lost' | 'repeated' | 'resultsLost'): (number | null)[] {
  return runs.map(({ told }) => told?.ledger[name] ?? null);
}

function rounded(value: number | null): string {
  return value === null ? 'not seen' : String(Math.round(value));
}
