/**
 * The cut loop: Trellis's AMQP connections are force-closed again and again, then every broker node is killed and started once,
 * under real tasks. Every confirmed task must end in the history with its true end, whatever the broker lost of the events.
 */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { labContext } from '#lab/context.ts';
import { HOSTS, type Host, memberId } from '#lab/layout.ts';
import { clusterProblems } from '#lab/probes/rabbitmq.ts';
import type { Ingest } from '#lib/model/celery.ts';
import type { Bench, BenchContext } from './bench.ts';
import { waitUntil } from './clock.ts';
import { closeTrellisConnections } from './event-broker.ts';
import { seeded } from './event-random.ts';
import { LiveStream } from './live-stream.ts';
import { type Result, single } from './report.ts';
import { bringLabUp } from './session.ts';
import { Store } from './store.ts';
import { compareUntilComplete, type KeptComparison, keptOf, runWithHistory } from './task-api.ts';
import { benchFile, startTraffic } from './task-load.ts';
import { taskOptions } from './task-options.ts';

const TIMES = 20;
const PARTS = ['connections closed', 'broker nodes killed'] as const;
type Part = (typeof PARTS)[number];
const TASKS_PER_SECOND = 45;
const LISTED_LIMIT_MS = 15_000;
const PAUSE_MS = 4_000;
const SEED = 4_096;
const NODE_DOWN_MS = 8_000;
const BETWEEN_NODES_MS = 8_000;
const CLUSTER_LIMIT_MS = 180_000;
/** The result store is asked with patience: back-filling may take minutes after an outage. */
const COMPLETE_LIMIT_MS = 240_000;
const LOOK_EVERY_MS = 50;

/** What the intake showed of itself meanwhile. */
type Shown = {
  /** Times in which it said that it does not consume. */
  readonly breaks: number;
  /** Starts that it says it never saw. */
  readonly missedTasks: number;
  readonly backfilled: number;
  readonly redelivered: number;
};

type Run = {
  readonly part: Part;
  readonly times: number;
  readonly faults: number;
  readonly shown: Shown;
  readonly compared: KeptComparison;
};

/** `npm run bench -- cut-loop` */
export const cutLoop: Bench = {
  title: 'Trellis cut off from the broker, and broker nodes killed: its task history, against the ledgers',
  run: async (context) => {
    const { lab, options, say } = context;
    const store = new Store<Run>(lab.paths.root, 'cut-loop', options.again);
    const wanted = PARTS.filter((part) => part.includes(options.only)).map((part) => {
      return { part, times: part === 'connections closed' ? (taskOptions(context).times ?? TIMES) : HOSTS.length };
    });
    const rowOf = (one: (typeof wanted)[number]) =>
      store.rows.findLast(({ part, times }) => part === one.part && times === one.times);
    const left = wanted.filter((one) => !hasPassed(rowOf(one)));
    if (left.length > 0) await bringLabUp(context);
    for (const one of left) {
      say(one.part);
      const row = await oneRun(context, one);
      store.add(row);
      say(`${row.faults} faults; ${JSON.stringify(row.shown)}; ${row.compared.text}`);
    }
    return wanted.flatMap((one) => resultsOf(rowOf(one)));
  },
};

async function oneRun(context: BenchContext, { part, times }: { part: Part; times: number }): Promise<Run> {
  const dataDir = benchFile(context, 'data');
  rmSync(dataDir, { recursive: true, force: true });
  const trellis = await runWithHistory(context, dataDir);
  const live = await LiveStream.open(trellis.url);
  context.atEnd('stream closed', async () => live.close());
  if (!(await waitUntil(() => intakeOf(live)?.state === 'consuming', CLUSTER_LIMIT_MS))) {
    throw new Error(`the intake does not consume: ${intakeOf(live)?.problem ?? 'it is not there'}`);
  }
  const fromMs = Date.now();
  const watch = watchIntake(live);
  const load = startTraffic(context, TASKS_PER_SECOND);
  await sleep(PAUSE_MS);
  const faults = part === 'connections closed' ? await cut(context, times) : await killNodes(context);
  await sleep(PAUSE_MS);
  const { ledger } = await load.drain();
  const compared = keptOf(await compareUntilComplete(trellis.url, ledger, fromMs, COMPLETE_LIMIT_MS));
  const shown = watch();
  live.close();
  await trellis.stop();
  return { part, times, faults, shown, compared };
}

/** Closes all connections of Trellis, again and again; returns how often there were any. */
async function cut({ lab, say }: BenchContext, times: number): Promise<number> {
  const random = seeded(SEED);
  const own = labContext(lab.paths);
  let cuts = 0;
  for (let n = 0; n < times; n += 1) {
    await sleep(random() * PAUSE_MS);
    // A connection that was made a moment ago is in the management API's list only after some seconds.
    const closed = await waitUntil(async () => (await closeTrellisConnections(own, 'host-1')) > 0, LISTED_LIMIT_MS);
    if (closed) cuts += 1;
    else say('Trellis had no connection to close');
  }
  return cuts;
}

/** Kills every node and starts it again, one after the other, each in a cluster that is whole. */
async function killNodes({ lab, say }: BenchContext): Promise<number> {
  const own = labContext(lab.paths);
  const kill = async (host: Host) => {
    const node = memberId(host, 'rabbitmq');
    say(`${node} killed`);
    await lab.kill(node);
    await sleep(NODE_DOWN_MS);
    await lab.start(node);
    const isBack = () =>
      clusterProblems(own).then(
        (problems) => problems.length === 0,
        () => false,
      );
    if (!(await waitUntil(isBack, CLUSTER_LIMIT_MS, 1_000))) throw new Error(`${node} does not come back`);
    await sleep(BETWEEN_NODES_MS);
  };
  for (const host of HOSTS) await kill(host);
  return HOSTS.length;
}

/** Notes what the intake shows, until the returned function is called. */
function watchIntake(live: LiveStream): () => Shown {
  let breaks = 0;
  let wasConsuming = true;
  const timer = setInterval(() => {
    const isConsuming = intakeOf(live)?.state === 'consuming';
    if (wasConsuming && !isConsuming) breaks += 1;
    wasConsuming = isConsuming;
  }, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    const { missedTasks = 0, backfilled = 0, redelivered = 0 } = intakeOf(live) ?? {};
    return { breaks, missedTasks, backfilled, redelivered };
  };
}

function intakeOf(live: LiveStream): Ingest | undefined {
  return Object.values(live.model.ingests)[0];
}

function hasPassed(row: Run | undefined): boolean {
  if (row === undefined) return false;
  const { missing, repeated, wrongEnds } = row.compared;
  return missing + repeated + wrongEnds === 0 && row.faults === row.times;
}

function resultsOf(row: Run | undefined): Result[] {
  if (row === undefined) return [];
  const { part, times, faults, shown, compared } = row;
  const against = `${faults} faults, ${compared.confirmed} tasks`;
  const none = (what: string, value: number) => single(`${part}: ${what}`, value, '', 0, against);
  const told = (what: string, value: number) => single(`${part}: ${what}`, value, '', null, against);
  return [
    none('faults that did not happen', times - faults),
    none('confirmed tasks missing', compared.missing),
    none('tasks there twice', compared.repeated),
    none('tasks with a wrong end', compared.wrongEnds),
    told('tasks whose end the ledger does not know', compared.unknown),
    told('breaks that the intake showed', shown.breaks),
    told('starts that the intake says it missed', shown.missedTasks),
    told('tasks that it back-filled', shown.backfilled),
    told('tasks in the history with an end from the result store', compared.backfilled),
    told('messages delivered again', shown.redelivered),
  ];
}
