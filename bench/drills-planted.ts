/**
 * Weaknesses planted on the real lab: each must keep the drills from being started that would meet it, by name; and a worker that is
 * killed with tasks in hand must be told of in the report, with their number.
 */
import { rmSync } from 'node:fs';
import { labContext } from '#lab/context.ts';
import type { Lab } from '#lab/control.ts';
import type { DrillId, DrillPlan } from '#lib/model/drill.ts';
import type { Bench, BenchContext } from './bench.ts';
import { waitUntil } from './clock.ts';
import { type DrillClient, DrillRefused, drillClient } from './drill-client.ts';
import { drillDataDir } from './drill-trellis.ts';
import { type CrashRun, crashUnderTasks, type Stage } from './drills-planted-crash.ts';
import { runWithQuietSource } from './drills-planted-source.ts';
import { PLANTED_TABLE, type PlantedRow } from './drills-planted-table.ts';
import {
  ACKS,
  type Acks,
  blocksIn,
  namingOf,
  type Refusal,
  STARTED,
  wrongsOf,
  wrongsOfCrash,
} from './drills-planted-verdict.ts';
import { type Ground, mend, plant } from './drills-planted-weaknesses.ts';
import { mendLab } from './estate-shot.ts';
import { deleteEventQueue } from './event-broker.ts';
import { rolesNow } from './forecast-winners.ts';
import type { LiveStream } from './live-stream.ts';
import { aligned, type Result, single } from './report.ts';
import { bringLabUp, type Trellis, waitShownWhole, watchStream } from './session.ts';
import { Store } from './store.ts';

const REASON = 'bench of planted weaknesses';
/** A Sentinel that was paused does not act for half a minute afterwards. */
const CLEAR_LIMIT_MS = 180_000;
const NAMED_LIMIT_MS = 60_000;
const LOOK_MS = 1_000;
/** Of a run that should never have begun, or that went wrong. */
const END_LIMIT_MS = 900_000;

/** A weakness, or a crash of a worker with tasks of one kind in hand. */
type Case = { readonly name: string } & ({ readonly row: PlantedRow } | { readonly acks: Acks });

type PlantedRun = {
  readonly name: string;
  /** Of a weakness, by drill. */
  readonly refusals: readonly Refusal[];
  /** Of a crash; null = of a weakness. */
  readonly crash: CrashRun | null;
  /** What kept it from being measured; null = nothing. */
  readonly problem: string | null;
};

const CASES: readonly Case[] = [
  ...PLANTED_TABLE.map((row) => ({ name: row.name, row })),
  ...ACKS.map((acks) => ({ name: `a worker killed with ${acks} acknowledged tasks`, acks })),
];

/** `npm run bench -- drills-planted` */
export const drillsPlanted: Bench = {
  title: 'Planted weaknesses: drills that refuse because of them, and reports that tell what was lost',
  run: async (context) => {
    const { lab, options, say } = context;
    const store = new Store<PlantedRun>(lab.paths.root, 'drills-planted', options.again);
    const cases = CASES.filter(({ name }) => name.includes(options.only));
    const runOf = ({ name }: Case) => store.rows.findLast((run) => run.name === name);
    const left = cases.filter((one) => problemsOf(one, runOf(one)).length > 0);
    if (left.length > 0) {
      const scene = await begin(context);
      for (const [index, one] of left.entries()) {
        say(`${index + 1}/${left.length} ${one.name}`);
        const run = await runCase(scene, one);
        store.add(run);
        say(aligned(linesOf(one, run)));
      }
    }
    say(`planted:\n${aligned([HEAD, ...cases.flatMap((one) => linesOf(one, runOf(one)))])}`);
    return cases.map((one) => resultOf(one, runOf(one)));
  },
};

type Scene = Stage &
  Ground & { readonly trellis: Trellis; readonly live: LiveStream; readonly say: BenchContext['say'] };

/** A whole lab, and a Trellis on it that knows nothing of before: orphans of another day would stand in its reports. */
async function begin(context: BenchContext): Promise<Scene> {
  const { lab, atEnd, say } = context;
  // What an earlier run left, were it killed, would keep the lab from being whole.
  await mendAll(lab);
  await bringLabUp(context);
  rmSync(drillDataDir(context), { recursive: true, force: true });
  await deleteEventQueue(labContext(lab.paths));
  atEnd('weaknesses mended', () => mendAll(lab));
  const { trellis, source } = await runWithQuietSource(context);
  const live = await watchStream(trellis, context);
  return { lab, source, trellis, live, say, url: trellis.url, client: drillClient(trellis.url) };
}

/** Mends what can be mended, in a lab that lives. What is planted where does not hang on these roles, but for processes. */
async function mendAll(lab: Lab): Promise<void> {
  if ((await lab.status()).supervisor.state !== 'running') return;
  const weaknesses = PLANTED_TABLE.map((row) => row.weakness({ master: 'host-1', leader: 'host-1', holder: 'host-1' }));
  const source = { speak: () => undefined };
  for (const weakness of weaknesses) await mend(weakness, { lab, source }).catch(() => undefined); // the lab's `up` says what is left
}

/** One case; what keeps it from being measured is told, and ends nothing but it. */
async function runCase(scene: Scene, one: Case): Promise<PlantedRun> {
  const base = { name: one.name, refusals: [], crash: null };
  if (scene.trellis.child.hasEnded) throw new Error('Trellis has ended by itself');
  try {
    await mendForCertain(scene.lab);
    await waitShownWhole(scene.live);
    const measured =
      'row' in one ? { refusals: await refusalsOf(scene, one.row) } : { crash: await crashUnderTasks(scene, one.acks) };
    return { ...base, ...measured, problem: null };
  } catch (error) {
    await endRun(scene.client).catch((left: Error) => scene.say(`not cleared up: ${left.message}`));
    return { ...base, problem: (error as Error).message.split('\n')[0] ?? '' };
  } finally {
    await mendForCertain(scene.lab);
  }
}

/** Plants the weakness where nothing else stands against the drills, and has each of them refused. */
async function refusalsOf(scene: Scene, row: PlantedRow): Promise<Refusal[]> {
  for (const drill of row.drills) await scene.client.clearPlan(drill, row.target, CLEAR_LIMIT_MS);
  const weakness = row.weakness(await rolesNow());
  const refusals: Refusal[] = [];
  try {
    await plant(weakness, scene);
    const plantedMs = performance.now();
    for (const drill of row.drills) refusals.push(await refusalOf(scene.client, drill, row, plantedMs));
  } finally {
    await mend(weakness, scene);
  }
  return refusals;
}

/** Plans until what was planted is named, and starts it all the same, unless nothing stands against it: that would strike for certain. */
async function refusalOf(
  client: DrillClient,
  drill: DrillId,
  { target, expected }: PlantedRow,
  plantedMs: number,
): Promise<Refusal> {
  const before = (await client.newest())?.id ?? null;
  let plan = await client.plan(drill, target);
  const isNamed = async () => {
    plan = await client.plan(drill, target);
    return namingOf(expected, blocksIn(plan)) !== undefined;
  };
  const namedMs = (await waitUntil(isNamed, NAMED_LIMIT_MS, LOOK_MS)) ? performance.now() - plantedMs : null;
  const blocks = blocksIn(plan);
  const answer = blocks.length === 0 ? null : await startAnyway(client, plan);
  const after = (await client.newest())?.id ?? null;
  if (answer?.code === STARTED) await endRun(client);
  return { drill, blocks, namedMs, answer, isRunNew: after !== before };
}

async function startAnyway(client: DrillClient, plan: DrillPlan): Promise<NonNullable<Refusal['answer']>> {
  try {
    const { run } = await client.start(plan, REASON);
    return { code: STARTED, detail: run.id };
  } catch (error) {
    if (error instanceof DrillRefused) return { code: error.code, detail: error.message };
    throw error;
  }
}

/** Calls off what is under way, and takes back what a lost run has left. */
async function endRun(client: DrillClient): Promise<void> {
  const { active } = await client.catalog();
  if (active === null) return;
  await client.abort(active.id, REASON).catch(() => undefined); // it may be past its last step
  const { run } = await client.follow(active.id, { limitMs: END_LIMIT_MS });
  if (run.state === 'lost') await client.takeBack(run.id, REASON);
}

/** A lab that is left in ruins begins afresh. */
async function mendForCertain(lab: Lab): Promise<void> {
  try {
    await mendLab(lab);
  } catch {
    await lab.down();
    await lab.up();
  }
}

/** What is wrong, by the table as it is now: a changed expectation needs no new run. */
function problemsOf(one: Case, run: PlantedRun | undefined): string[] {
  if (run === undefined) return ['not run'];
  if (run.problem !== null) return [`not measured: ${run.problem}`];
  if (!('row' in one)) return run.crash === null ? ['not run'] : wrongsOfCrash(run.crash);
  return one.row.drills.flatMap((drill) => wrongsOfDrill(one.row, drill, run));
}

function wrongsOfDrill({ expected }: PlantedRow, drill: DrillId, { refusals }: PlantedRun): string[] {
  const refusal = refusals.find((each) => each.drill === drill);
  return refusal === undefined ? [`${drill}: not run`] : wrongsOf(expected, refusal).map((text) => `${drill}: ${text}`);
}

const HEAD = ['planted', 'drill', 'refused', 'named after', 'said'];

/** A line for each drill, then what is wrong. */
function linesOf(one: Case, run: PlantedRun | undefined): string[][] {
  const lines = 'row' in one ? refusalLines(one.row, run) : crashLines(run?.crash ?? null);
  const wrong = problemsOf(one, run).map((text) => ['', '', '', `NOT as expected: ${text}`]);
  return [...lines, ...wrong].map((cells, index) => [index === 0 ? one.name : '', ...cells]);
}

function refusalLines({ expected }: PlantedRow, run: PlantedRun | undefined): string[][] {
  return (run?.refusals ?? []).map(({ drill, blocks, namedMs, answer }) => [
    ...[drill, answer?.code ?? 'nothing stood against it', secondsOf(namedMs)],
    namingOf(expected, blocks)?.text ?? '',
  ]);
}

function crashLines(crash: CrashRun | null): string[][] {
  if (crash === null) return [];
  const { worker, fates, truthMs, later } = crash;
  const known = `${worker}: ${fates.cut} in hand, ${fates.lost} lost, ${fates.repeated} repeated`;
  return [
    ['worker-crash', '-', secondsOf(truthMs), known],
    ['', '', '', later?.sentence ?? 'the report says nothing of them'],
  ];
}

function secondsOf(ms: number | null): string {
  return ms === null ? 'never' : `${(ms / 1_000).toFixed(1)} s`;
}

function resultOf(one: Case, run: PlantedRun | undefined): Result {
  const isMeasured = run !== undefined && run.problem === null;
  const of = 'row' in one ? one.row.drills.join(', ') : 'worker-crash';
  return single(
    `${one.name}: what was not said or refused`,
    isMeasured ? problemsOf(one, run).length : null,
    '',
    0,
    of,
  );
}
