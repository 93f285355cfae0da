/**
 * The kill loop: Trellis is killed (SIGKILL) at random moments, under real tasks and under made-up events. Afterwards every
 * task of the ledgers must be in the history once, with its true end.
 */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { labContext } from '#lab/context.ts';
import type { Bench, BenchContext } from './bench.ts';
import { deleteEventQueue } from './event-broker.ts';
import { seeded } from './event-random.ts';
import { type Result, single } from './report.ts';
import { bringLabUp } from './session.ts';
import { Store } from './store.ts';
import {
  compareUntilComplete,
  type KeptComparison,
  keptOf,
  killTrellis,
  readIntake,
  runWithHistory,
} from './task-api.ts';
import { benchFile, type Load, startGenerator, startTraffic } from './task-load.ts';
import { taskOptions } from './task-options.ts';

const TIMES = 20;
/** After so many kills history and ledger are compared; what has passed is not run again after an interruption. */
const ROUND = 5;
const KINDS = ['real tasks', 'made-up events'] as const;
type Kind = (typeof KINDS)[number];
const TASKS_PER_SECOND = 165;
const LEAST_TASKS_PER_SECOND = 150;
const EVENTS_PER_SECOND = 2_200;
const LEAST_EVENTS_PER_SECOND = 2_000;
/** How long Trellis lives before it is killed, at the most. */
const LIFE_MS = 8_000;
const SEED = 20_241;
const COMPLETE_LIMIT_MS = 180_000;

type Round = {
  readonly kind: Kind;
  readonly round: number;
  readonly kills: number;
  readonly perSecond: number;
  readonly redelivered: number | null;
  readonly compared: KeptComparison;
};

/** `npm run bench -- kill-loop` */
export const killLoop: Bench = {
  title: 'Trellis killed at random moments: its task history, against the ledgers of those who published',
  run: async (context) => {
    const { lab, options, say } = context;
    const times = taskOptions(context).times ?? TIMES;
    const store = new Store<Round>(lab.paths.root, 'kill-loop', options.again);
    const wanted = KINDS.filter((kind) => kind.includes(options.only)).flatMap((kind) =>
      Array.from({ length: Math.ceil(times / ROUND) }, (_, round) => {
        return { kind, round, kills: Math.min(ROUND, times - round * ROUND) };
      }),
    );
    const rowOf = (one: (typeof wanted)[number]) =>
      store.rows.findLast(({ kind, round, kills }) => kind === one.kind && round === one.round && kills === one.kills);
    const left = wanted.filter((one) => !hasPassed(rowOf(one)));
    if (left.length > 0) await bringLabUp(context);
    for (const [index, one] of left.entries()) {
      say(`${index + 1}/${left.length} ${one.kind}, round ${one.round + 1}: ${one.kills} kills`);
      const row = await oneRound(context, one);
      store.add(row);
      say(`${Math.round(row.perSecond)}/s; ${row.compared.text}`);
    }
    const rows = wanted.flatMap((one) => rowOf(one) ?? []);
    return KINDS.flatMap((kind) =>
      resultsOf(
        kind,
        rows.filter((row) => row.kind === kind),
      ),
    );
  },
};

async function oneRound(
  context: BenchContext,
  { kind, round, kills }: { kind: Kind; round: number; kills: number },
): Promise<Round> {
  const random = seeded(SEED + KINDS.indexOf(kind) * 1_000 + round);
  const dataDir = benchFile(context, 'data');
  rmSync(dataDir, { recursive: true, force: true });
  // An earlier round of the same seed may have left some of the same tasks.
  await deleteEventQueue(labContext(context.lab.paths));
  let trellis = await runWithHistory(context, dataDir);
  const fromMs = Date.now();
  const load = startLoad(context, kind, SEED + round);
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(random() * LIFE_MS);
    await killTrellis(trellis);
    trellis = await runWithHistory(context, dataDir);
  }
  context.say('killed; waiting for the last results');
  const { ledger, tasksPerSecond, eventsPerSecond } = await load.drain();
  const comparison = await compareUntilComplete(trellis.url, ledger, fromMs, COMPLETE_LIMIT_MS);
  const redelivered = (await readIntake(trellis.url))?.redelivered ?? null;
  await trellis.stop();
  return {
    kind,
    round,
    kills,
    perSecond: eventsPerSecond ?? tasksPerSecond,
    redelivered,
    compared: keptOf(comparison),
  };
}

function startLoad(context: BenchContext, kind: Kind, seed: number): Load {
  return kind === 'real tasks'
    ? startTraffic(context, TASKS_PER_SECOND)
    : startGenerator(context, { seed, eventsPerSecond: EVENTS_PER_SECOND });
}

function hasPassed(row: Round | undefined): boolean {
  if (row === undefined) return false;
  const { missing, repeated, wrongEnds, wrongRetries, unknown } = row.compared;
  return missing + repeated + wrongEnds + wrongRetries + unknown === 0 && row.perSecond >= leastOf(row.kind);
}

function leastOf(kind: Kind): number {
  return kind === 'real tasks' ? LEAST_TASKS_PER_SECOND : LEAST_EVENTS_PER_SECOND;
}

function resultsOf(kind: Kind, rows: readonly Round[]): Result[] {
  if (rows.length === 0) return [];
  const sum = (of: (row: Round) => number) => rows.reduce((total, row) => total + of(row), 0);
  const kills = sum((row) => row.kills);
  const tasks = sum(({ compared }) => compared.confirmed);
  const slowest = Math.min(...rows.map(({ perSecond }) => perSecond));
  const unit = kind === 'real tasks' ? 'tasks/s' : 'events/s';
  const none = (what: string, of: (compared: KeptComparison) => number) =>
    single(
      `${kind}: ${what}`,
      sum(({ compared }) => of(compared)),
      '',
      0,
      `${kills} kills, ${tasks} tasks`,
    );
  return [
    none('confirmed tasks missing', ({ missing }) => missing),
    none('tasks there twice', ({ repeated }) => repeated),
    none('tasks with a wrong end', ({ wrongEnds }) => wrongEnds),
    none('tasks with wrong retries', ({ wrongRetries }) => wrongRetries),
    none('tasks whose end the ledger does not know', ({ unknown }) => unknown),
    single(
      `${kind}: tasks back-filled from the result store`,
      sum(({ compared }) => compared.backfilled),
      '',
      null,
    ),
    single(`${kind}: rate, slowest round`, slowest, unit, null, `asked for ${leastOf(kind)}`),
    single(`${kind}: rate below what was asked for`, Math.max(0, leastOf(kind) - slowest), unit, 0),
  ];
}
