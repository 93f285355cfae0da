/** What Trellis's event queue costs the broker at a thousand events a second: with it and without it, in turn. */
import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { labContext } from '#lab/context.ts';
import type { Bench, BenchContext } from './bench.ts';
import { brokerPids, deleteEventQueue } from './event-broker.ts';
import { cpuSecondsOf } from './process-usage.ts';
import { aligned, median, type Result, single } from './report.ts';
import { bringLabUp } from './session.ts';
import { runWithHistory } from './task-api.ts';
import { benchFile, startGenerator } from './task-load.ts';

const EVENTS_PER_SECOND = 1_000;
const RUNS = 3;
const SETTLE_MS = 8_000;
const MEASURE_MS = 30_000;
const SEED = 8_191;
const MEGABYTE = 1_000_000;

type Cost = {
  readonly run: number;
  readonly withQueue: boolean;
  readonly cores: number;
  readonly megabytesPerSecond: number;
};

/** `npm run bench -- queue-cost` */
export const queueCost: Bench = {
  title: `What the queue of Trellis costs the broker at ${EVENTS_PER_SECOND} events/s`,
  run: async (context) => {
    await bringLabUp(context);
    const costs: Cost[] = [];
    for (let run = 0; run < (context.options.runs ?? RUNS); run += 1) {
      // The second half of each pair runs in the other order: what drifts then favours neither.
      for (const withQueue of run % 2 === 0 ? [false, true] : [true, false]) {
        const cost = await measure(context, run, withQueue);
        costs.push(cost);
      }
    }
    const rows = costs.map((one) => [
      String(one.run + 1),
      one.withQueue ? 'with' : 'without',
      one.cores.toFixed(3),
      one.megabytesPerSecond.toFixed(2),
    ]);
    context.say(`all three broker nodes together:\n${aligned([['run', 'queue', 'cores', 'MB/s written'], ...rows])}`);
    return resultsOf(costs);
  },
};

/** Trellis runs in both cases; without the queue its task history is off, and everything else as before. */
async function measure(context: BenchContext, run: number, withQueue: boolean): Promise<Cost> {
  const own = labContext(context.lab.paths);
  const dataDir = benchFile(context, 'data');
  rmSync(dataDir, { recursive: true, force: true });
  await deleteEventQueue(own);
  const trellis = await runWithHistory(context, dataDir, withQueue);
  const load = startGenerator(context, { seed: SEED + run, eventsPerSecond: EVENTS_PER_SECOND, confirms: false });
  await sleep(SETTLE_MS);
  const pids = brokerPids(own);
  const startedMs = performance.now();
  const [cpu, written] = [cpuSecondsOf(pids), writtenBytes(pids)];
  await sleep(MEASURE_MS);
  const seconds = (performance.now() - startedMs) / 1000;
  const cost = {
    ...{ run, withQueue, cores: (cpuSecondsOf(pids) - cpu) / seconds },
    megabytesPerSecond: (writtenBytes(pids) - written) / seconds / MEGABYTE,
  };
  const { eventsPerSecond } = await load.drain();
  context.say(
    `${withQueue ? 'with' : 'without'} the queue: ${JSON.stringify(cost)} at ${Math.round(eventsPerSecond ?? 0)} events/s`,
  );
  await trellis.stop();
  return cost;
}

/** What processes have sent to the disk so far. @throws Error where /proc does not let it be read */
function writtenBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const written = /^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'));
    return sum + Number(written?.[1]);
  }, 0);
}

function resultsOf(costs: readonly Cost[]): Result[] {
  const of = (withQueue: boolean, value: (cost: Cost) => number) =>
    median(costs.filter((cost) => cost.withQueue === withQueue).map(value)) ?? 0;
  const three = (what: string, unit: string, value: (cost: Cost) => number) => [
    single(`${what} without the queue`, of(false, value), unit, null, 'median; three nodes together'),
    single(`${what} with the queue`, of(true, value), unit, null, 'median; three nodes together'),
    single(
      `${what} because of the queue`,
      of(true, value) - of(false, value),
      unit,
      null,
      'replicated to all three nodes',
    ),
  ];
  return [
    ...three('CPU of RabbitMQ', 'cores', (cost) => cost.cores),
    ...three('written to disk', 'MB/s', (cost) => cost.megabytesPerSecond),
  ];
}
