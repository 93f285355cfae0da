/** `npm run bench -- <name>`: measures the built Trellis on the real lab. Exit code 0: every target met; 1: not, or not measured. */
import { parseArgs } from 'node:util';
import { openLab } from '#lab/control.ts';
import type { Bench, BenchContext, BenchOptions } from './bench.ts';
import { cutLoop } from './cut-loop.ts';
import { detect } from './detect.ts';
import { drills } from './drills.ts';
import { drillsBreak } from './drills-break.ts';
import { drillsPlanted } from './drills-planted.ts';
import { fanout } from './fanout.ts';
import { faultMatrix } from './fault-matrix.ts';
import { findings } from './findings.ts';
import { forecast } from './forecast.ts';
import { historyBench } from './history.ts';
import { ingest } from './ingest.ts';
import { killLoop } from './kill-loop.ts';
import { load } from './load.ts';
import { malformed } from './malformed.ts';
import { type OverviewOptions, overview } from './overview.ts';
import { page } from './page.ts';
import { queueCost } from './queue-cost.ts';
import { queues } from './queues.ts';
import { redisWriter } from './redis-writer.ts';
import { allPass, jsonLine, table } from './report.ts';
import type { TaskOptions } from './task-options.ts';
import { workerKill } from './worker-kill.ts';

const BENCHES: Readonly<Record<string, Bench>> = {
  ...{ detect, load, queues, fanout, page, 'fault-matrix': faultMatrix },
  ...{ findings, forecast, overview, drills },
  ...{ 'drills-break': drillsBreak, 'drills-planted': drillsPlanted, 'redis-writer': redisWriter },
  ...{
    ingest,
    'kill-loop': killLoop,
    'cut-loop': cutLoop,
    'worker-kill': workerKill,
    malformed,
    'queue-cost': queueCost,
  },
  history: historyBench(1_000_000, 50),
  'history-large': historyBench(10_000_000, 150),
};

const USAGE = `npm run bench -- <name> [options]

  detect         how fast a fault is shown, against the backend's own signal (about 1 h)
  load           requests that Trellis makes, counted by proxies, at rest and in a burst
  queues         10,000 queues: load on RabbitMQ, cost of Trellis, time to notice a dead node
  fanout         1,000 readers of the stream, 50 of them never reading
  page           what the page costs the browser, with 10,000 queues too
  fault-matrix   every combination of stopped and hung backends (about 1 h)
  findings       every fault of the table: what is found, and what is called the root (about 1 h)
  forecast       what Trellis foretells of a failure, held against the real one (about 30 min)
  overview       the four types of task on the estate, against a standalone broker and store (about 10 min)
  drills         every drill five times, against its hypothesis and a witness (about 70 min)
  drills-break   drills ended in every step, by SIGKILL of Trellis and by hand: what is left (about 3 h)
  drills-planted planted weaknesses: the drills that refuse, and the reports that tell what was lost (about 30 min)
  redis-writer   the Redis master moved under load, with care and without: writes and results lost (about 2 h)
  ingest         events taken in per CPU second, against Celery's own state, Flower, and bare parsing (about 20 min)
  kill-loop      Trellis killed at random moments under load: its task history against ledgers (about 25 min)
  cut-loop       Trellis cut off from the broker, broker nodes killed: the same (about 15 min)
  worker-kill    a worker killed in the middle of tasks: shown gone, orphans, redelivery
  malformed      100,000 malformed events and answers
  queue-cost     what Trellis's event queue costs the broker
  history        the store of tasks by itself: 1,000,000 of them (needs no lab; some minutes)

  --json             end with one line of JSON
  --runs <n>         detect: runs of each fault (10); forecast: of each failure (1); drills: of each drill (5);
                     ingest, worker-kill, queue-cost, overview: how often (3); redis-writer: of each drill (20)
  --scale <n>        overview: share of the published numbers of tasks (1)
  --times <n>        kill-loop: kills of each kind (20); cut-loop: cuts (20)
  --flower <dir>     ingest: a checkout of Flower to measure too
  --queues <n>       queues, page: how many (10000); fanout: mirrored queues beside the lab's own (none)
  --minutes <n>      fanout: how long (5)
  --seconds <n>      load: how long at rest (60); fault-matrix: how long an outage lasts (60)
  --only <text>      detect, fault-matrix, findings, forecast, kill-loop, cut-loop, drills, drills-break,
                     drills-planted, redis-writer: only what has the text in its name
  --mirrored         queues: leave the lab's mirroring policy on the queues
  --large            history: 10,000,000 tasks (15 GB in TMPDIR)
  --resume           go on where a bench was interrupted; so it is without it, too
  --again            forget the finished runs of a bench that was interrupted; ingest: record anew
  --port <n>         where Trellis listens (3300)
  --dir <path>       another lab directory than .lab`;

const DEFAULT_PORT = 3300;
type Task = { title: string; work: () => Promise<unknown> };

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ json: { type: 'boolean' }, again: { type: 'boolean' }, mirrored: { type: 'boolean' } },
      ...{ large: { type: 'boolean' }, resume: { type: 'boolean' } },
      ...{
        runs: { type: 'string' },
        queues: { type: 'string' },
        minutes: { type: 'string' },
        seconds: { type: 'string' },
        times: { type: 'string' },
        scale: { type: 'string' },
        port: { type: 'string' },
      },
      ...{
        only: { type: 'string' },
        flower: { type: 'string' },
        dir: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    },
  });
  const [name = ''] = positionals;
  const bench = BENCHES[values.large ? `${name}-large` : name];
  if (values.help || bench === undefined) {
    print(USAGE);
    return values.help ? 0 : 1;
  }
  const options: BenchOptions & TaskOptions & OverviewOptions = {
    runs: numberOf(values.runs),
    queues: numberOf(values.queues),
    times: numberOf(values.times),
    scale: numberOf(values.scale),
    flower: values.flower,
    minutes: numberOf(values.minutes),
    seconds: numberOf(values.seconds),
    port: numberOf(values.port) ?? DEFAULT_PORT,
    again: values.again ?? false,
    only: values.only ?? '',
    mirrored: values.mirrored ?? false,
  };
  const tasks: Task[] = [];
  const context: BenchContext = {
    name,
    options,
    lab: openLab(values.dir),
    atEnd: (title, work) => void tasks.push({ title, work }),
    say: (line) => print(`▸ ${line}`),
  };
  endOnSignals(tasks);
  try {
    const results = await bench.run(context);
    print(table(bench.title, results));
    const failed = results.filter(({ pass }) => pass === false).length;
    const passed = results.filter(({ pass }) => pass === true).length;
    print(`${passed} passed, ${failed} failed`);
    await endAll(tasks);
    if (values.json) print(jsonLine(name, results));
    return allPass(results) ? 0 : 1;
  } finally {
    await endAll(tasks);
  }
}

/** Puts everything away, last in, first out; what fails must not keep the rest. */
async function endAll(tasks: Task[]): Promise<void> {
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    try {
      await task.work();
    } catch (error) {
      process.stderr.write(`${task.title}: ${(error as Error).message}\n`);
    }
  }
}

function endOnSignals(tasks: Task[]): void {
  let ending = false;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (ending) return;
      ending = true;
      void endAll(tasks).then(() => process.exit(1));
    });
  }
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!(number > 0)) throw new Error(`"${text}" is not a number above 0`);
  return number;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  const { code, message, stack } = error as Error & { code?: string };
  const isForPeople = code === 'LAB' || code === 'COMMAND_FAILED';
  process.stderr.write(`\n${isForPeople ? message : stack}\n`);
  process.exitCode = 1;
}
