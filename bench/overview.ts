/** What high availability costs while all is well: the four published types of task on a standalone set-up and on the estate. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { memberId } from '#lab/layout.ts';
import type { Bench, BenchContext, BenchOptions } from './bench.ts';
import { CONTENDERS, type Contender, runClient, startContenders } from './overview-estates.ts';
import { median, type Result, single } from './report.ts';
import { bringLabUp } from './session.ts';

/** Choices of the command line that only this bench has. */
export type OverviewOptions = {
  /** Share of the published numbers of tasks. */
  readonly scale: number | undefined;
};

type Workload = {
  readonly workload: string;
  readonly task: string;
  readonly args: readonly unknown[];
  readonly count: number;
};
type Measured = { readonly workload: string; readonly name: Contender['name']; readonly ms: number };

const RUNS = 3;
const WARM_UP = { task: 'lab.short', args: [], count: 20 };
const WORKLOADS: readonly Workload[] = [
  { workload: 'short', task: 'lab.short', args: [], count: 10_000 },
  { workload: 'sleep 10 s', task: 'lab.sleep', args: [10], count: 5 },
  // Four times ten megabytes, each written, synchronised and read.
  { workload: 'file I/O', task: 'lab.file_io', args: [10_240, 4], count: 10 },
  { workload: 'factorial of 100,000', task: 'lab.factorial', args: [100_000], count: 10 },
];

/** `npm run bench -- overview [--scale <n>] [--runs <n>]` */
export const overview: Bench = {
  title: 'Tasks on the estate, against one RabbitMQ node without mirrors and one Redis, without proxies',
  run: async (context) => {
    const { lab, options, say } = context;
    const { scale = 1 } = options as BenchOptions & OverviewOptions;
    await bringLabUp(context);
    // Whatever else runs would be measured too.
    await lab.stop(memberId('host-1', 'traffic'));
    await startContenders(context);
    for (const contender of CONTENDERS) await runClient(context, contender, WARM_UP);
    const workloads = WORKLOADS.map((one) => ({ ...one, count: Math.max(1, Math.round(one.count * scale)) }));
    const measured: Measured[] = [];
    for (let run = 0; run < (options.runs ?? RUNS); run += 1) {
      // Each begins as often as the other: what warms up, or fills, does so for both.
      const order = run % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed();
      for (const workload of workloads) {
        for (const contender of order) {
          const ms = await runClient(context, contender, workload);
          measured.push({ workload: workload.workload, name: contender.name, ms });
          say(`${workload.workload} × ${workload.count}, ${contender.name}: ${(ms / 1_000).toFixed(2)} s`);
        }
      }
    }
    const rows = workloads.map((one) => rowOf(one, measured));
    keep(context, rows);
    return rows.flatMap(resultsOf);
  },
};

/** As the page of drills reads it; medians of the rounds. */
type Row = {
  readonly workload: string;
  readonly tasks: number;
  readonly standaloneMs: number | null;
  readonly estateMs: number | null;
};

function rowOf({ workload, count }: Workload, measured: readonly Measured[]): Row {
  const of = (name: Contender['name']) =>
    median(measured.filter((one) => one.workload === workload && one.name === name).map(({ ms }) => ms));
  return { workload, tasks: count, standaloneMs: of('standalone'), estateMs: of('estate') };
}

function resultsOf({ workload, tasks, standaloneMs, estateMs }: Row): Result[] {
  const penalty = standaloneMs === null || estateMs === null ? null : estateMs / standaloneMs;
  const seconds = (ms: number | null) => (ms === null ? null : ms / 1_000);
  return [
    single(`${workload} × ${tasks}: standalone`, seconds(standaloneMs), 's', null),
    single(`${workload} × ${tasks}: estate`, seconds(estateMs), 's', null),
    single(`${workload} × ${tasks}: estate ÷ standalone`, penalty, '×', null, 'standalone'),
  ];
}

/** Replaced as a whole: whoever reads it meanwhile gets the one before. */
function keep({ lab, say }: BenchContext, rows: readonly Row[]): void {
  // The dataDir of the Trellis that watches this lab: it shows the figures.
  const dataDir = join(dirname(lab.paths.trellisYaml), '.data');
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'overview.json');
  writeFileSync(`${file}.new`, `${JSON.stringify({ at: Date.now(), rows }, null, 2)}\n`);
  renameSync(`${file}.new`, file);
  say(`kept in ${file}`);
}
