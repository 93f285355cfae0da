/**
 * What a move of the Redis master costs those who write: `redis-switch`, which must lose nothing, and `redis-failover` beside it.
 * A writer of the bench logs what was acknowledged; afterwards every acknowledged key, and the result of every confirmed task of
 * that time, must be on the master.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HOSTS } from '#lab/layout.ts';
import type { DrillId, Run as DrillRun } from '#lib/model/drill.ts';
import type { Bench, BenchContext } from './bench.ts';
import { epochMs } from './clock.ts';
import { type DrillClient, drillClient } from './drill-client.ts';
import { drillDataDir, runDrillTrellis } from './drill-trellis.ts';
import { watchMasters } from './redis-masters.ts';
import { countLost, startWriter, type Written, withoutResult } from './redis-write-load.ts';
import { type Result, single, worstOf } from './report.ts';
import { bringLabUp } from './session.ts';
import { STOLEN_LIMIT, watchStolenTime } from './stolen-time.ts';
import { Store } from './store.ts';
import { readTrafficLedger } from './task-ledger-files.ts';
import { benchFile, startTraffic } from './task-load.ts';
import { longestGapMs } from './write-gap.ts';

/** In turn; the promise is the first one's. */
const DRILLS = ['redis-switch', 'redis-failover'] as const;
const PROVEN: DrillId = 'redis-switch';
const RUNS = 20;
/** Beside the lab's own 20. With 60 the two cores that carry all hosts are never idle, and gaps are those of their scheduler. */
const TASKS_PER_SECOND = 20;
const OUTAGE_TARGET_MS = 500;
const CLEAR_LIMIT_MS = 180_000;
/** Until the last canary is judged. */
const RUN_LIMIT_MS = 420_000;
/** Writing goes on for so long before the start, and after the last step. */
const BEFORE_MS = 2_000;
const AFTER_MS = 3_000;
const WHOLE_LIMIT_MS = 180_000;
const RESULTS_LIMIT_MS = 120_000;
/** Results that have not come for so long will not come. */
const RESULTS_STABLE_MS = 30_000;
const LOOK_MS = 2_000;

type Move = (typeof DRILLS)[number];

/** What one drill cost. */
type Moved = {
  readonly drill: Move;
  readonly verdict: string | null;
  readonly because: readonly string[];
  readonly tried: number;
  readonly acknowledged: number;
  readonly lostWrites: number;
  /** Through the proxy where it was longest; null = one acknowledged nothing. */
  readonly outageMs: number | null;
  readonly twoByRoleMs: number;
  readonly twoTakingWritesMs: number;
  /** Confirmed tasks of that time, and those without a result. */
  readonly tasks: number;
  readonly lostResults: number;
  /** The warning of the plan that names both dangers; null = it has none. */
  readonly warning: string | null;
  /** The largest share (0 to 1) that the host took of the machine for five seconds. */
  readonly stolen: number;
};

/** `npm run bench -- redis-writer` */
export const redisWriter: Bench = {
  title: 'The Redis master moved under load: what was acknowledged, and what was still there afterwards',
  run: async (context) => {
    const { lab, options, say } = context;
    const store = new Store<Moved>(lab.paths.root, 'redis-writer', options.again);
    const drills = DRILLS.filter((drill) => drill.includes(options.only));
    const rowsOf = (drill: Move) => store.rows.filter((row) => row.drill === drill);
    const left = inTurn(drills, (drill) => (options.runs ?? RUNS) - rowsOf(drill).filter(isOurs).length);
    if (left.length > 0) {
      await bringLabUp(context);
      rmSync(drillDataDir(context), { recursive: true, force: true });
      const client = drillClient((await runDrillTrellis(context)).url);
      startTraffic(context, TASKS_PER_SECOND);
      for (const [index, drill] of left.entries()) {
        say(`${index + 1}/${left.length} ${drill}`);
        const moved = await oneMove(context, client, drill);
        store.add(moved);
        say(describe(moved));
      }
    }
    return drills.flatMap((drill) => resultsOf(drill, rowsOf(drill)));
  },
};

/** One of each as long as there are any left. */
function inTurn(drills: readonly Move[], leftOf: (drill: Move) => number): Move[] {
  const most = Math.max(0, ...drills.map(leftOf));
  return Array.from({ length: most }, (_, n) => drills.filter((drill) => n < leftOf(drill))).flat();
}

async function oneMove({ lab, ...context }: BenchContext, client: DrillClient, drill: Move): Promise<Moved> {
  await lab.up();
  await client.clearPlan(drill, null, CLEAR_LIMIT_MS);
  const writer = await startWriter();
  const masters = watchMasters();
  const stolen = watchStolenTime();
  let share = 0;
  let written: Written;
  let two: ReturnType<typeof masters.end>;
  let warning: string | null;
  let id: string;
  try {
    await sleep(BEFORE_MS);
    const { plan, run } = await client.startWhenClear(drill, null, 'bench: redis-writer', CLEAR_LIMIT_MS);
    id = run.id;
    warning = plan.warnings.find((text) => /two masters/i.test(text) && /\blost\b|\bgone\b/i.test(text)) ?? null;
    await client.follow(id, { limitMs: RUN_LIMIT_MS, onLook: isPastItsSteps });
    await sleep(AFTER_MS);
  } finally {
    share = stolen();
    two = masters.end();
    written = await writer.stop();
  }
  const untilMs = epochMs();
  const { run } = await client.follow(id, { limitMs: RUN_LIMIT_MS });
  if (run.faultAt === null) throw new Error(`${drill} did nothing: ${run.because.join(' ')}`);
  const fromMs = run.faultAt - BEFORE_MS;
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  const tasks = confirmedTasks({ lab, ...context }, fromMs, untilMs);
  return {
    ...{ drill, verdict: run.verdict, because: run.because, warning },
    ...{ tried: written.tried, acknowledged: written.acknowledged.length, lostWrites: await countLost(written) },
    outageMs: worstGapMs(written, fromMs),
    ...{ twoByRoleMs: two.byRoleMs, twoTakingWritesMs: two.takingWritesMs },
    ...{ tasks: tasks.length, lostResults: await lostResults(tasks), stolen: share },
  };
}

/** Nothing more is done to the estate: only canaries are still judged. */
function isPastItsSteps({ state, steps }: DrillRun): boolean {
  return state === 'running' && steps.every((step) => step.state !== 'waiting' && step.state !== 'running');
}

/** Through whichever proxy it was longest, until the writer ended. */
function worstGapMs({ times }: Written, fromMs: number): number | null {
  const untilMs = Math.max(...HOSTS.map((host) => times[host].at(-1) ?? 0));
  const gaps = HOSTS.map((host) => longestGapMs(times[host], fromMs, untilMs));
  return gaps.some((gap) => gap === null) ? null : Math.max(...gaps.map((gap) => gap ?? 0));
}

/** Those that the broker has taken, by the ledgers of the lab's traffic and of the bench's own. */
function confirmedTasks(context: BenchContext, fromMs: number, untilMs: number): string[] {
  const ledgers = [context.lab.paths.ledger, ...publisherLedgers(context)].filter((file) => existsSync(file));
  return ledgers.flatMap((file) =>
    readTrafficLedger(file, fromMs, untilMs)
      .filter(({ confirmed }) => confirmed)
      .map(({ id }) => id),
  );
}

/** As `startTraffic` names them. */
function publisherLedgers(context: BenchContext): string[] {
  const dir = dirname(benchFile(context, ''));
  const own = new RegExp(`^${context.name}\\.publisher-\\d+\\.sqlite$`);
  return readdirSync(dir)
    .filter((name) => own.test(name))
    .map((name) => join(dir, name));
}

/** How many never have a result: until all are there, or none has come for a while. */
async function lostResults(ids: readonly string[]): Promise<number> {
  const endMs = performance.now() + RESULTS_LIMIT_MS;
  let missing = await withoutResult(ids);
  let changedMs = performance.now();
  while (missing.length > 0 && performance.now() < endMs && performance.now() - changedMs < RESULTS_STABLE_MS) {
    await sleep(LOOK_MS);
    const now = await withoutResult(missing);
    if (now.length < missing.length) changedMs = performance.now();
    missing = now;
  }
  return missing.length;
}

function describe(moved: Moved): string {
  const outage = moved.outageMs === null ? 'no outage seen' : `out for ${Math.round(moved.outageMs)} ms`;
  const two = `two masters for ${Math.round(moved.twoByRoleMs)} ms, taking writes for ${Math.round(moved.twoTakingWritesMs)} ms`;
  const spoilt = isOurs(moved)
    ? []
    : [
        `its times count for nothing, to be run again: the host took ${Math.round(moved.stolen * 100)} % of the machine`,
      ];
  const lost = `${moved.lostWrites} of ${moved.acknowledged} writes and ${moved.lostResults} of ${moved.tasks} results lost`;
  return [`${moved.verdict}: ${lost}; ${outage}; ${two}`, ...moved.because, ...spoilt].join('\n    ');
}

function resultsOf(drill: Move, rows: readonly Moved[]): Result[] {
  const isProven = drill === PROVEN;
  const target = (limit: number) => (isProven ? limit : null);
  const sum = (of: (row: Moved) => number) => rows.reduce((total, row) => total + of(row), 0);
  const times = (what: string, of: (row: Moved) => number | null, limit: number | null) =>
    worstOf(`${drill}: ${what}`, rows.filter(isOurs).map(of), 'ms', limit);
  const lost = (what: string, all: (row: Moved) => number, of: (row: Moved) => number, kind: string) =>
    single(`${drill}: ${what}`, rows.length === 0 ? null : sum(of), '', target(0), `${sum(all)} ${kind}`);
  return [
    lost(
      'acknowledged writes lost',
      (row) => row.acknowledged,
      (row) => row.lostWrites,
      `writes in ${rows.length} runs`,
    ),
    lost(
      'task results lost',
      (row) => row.tasks,
      (row) => row.lostResults,
      'confirmed tasks',
    ),
    times('longest gap between acknowledged writes', (row) => row.outageMs, target(OUTAGE_TARGET_MS)),
    times('two that call themselves master', (row) => row.twoByRoleMs, null),
    worstOf(
      `${drill}: two masters that take writes`,
      rows.map((row) => row.twoTakingWritesMs),
      'ms',
      target(0),
    ),
    single(`${drill}: runs that Trellis did not bring to their end`, notDone(rows), '', target(0)),
    ...(isProven
      ? []
      : [single(`${drill}: plans without a warning of two masters and lost writes`, unwarned(rows), '', 0)]),
  ];
}

/** Else its times say nothing, whether they were as promised or not; what was lost is lost on the slowest machine. */
function isOurs({ stolen }: Moved): boolean {
  return stolen <= STOLEN_LIMIT;
}

function notDone(rows: readonly Moved[]): number {
  return rows.filter(({ verdict }) => verdict === 'aborted' || verdict === 'failed' || verdict === null).length;
}

function unwarned(rows: readonly Moved[]): number {
  return rows.filter(({ warning }) => warning === null).length;
}
