/** Load for the benches of the intake, each in processes of its own: real tasks of the lab's traffic, or made-up events. */
import { createWriteStream, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '#lab/commands/children.ts';
import { childEnvironment, markOf, ownIdentity, ROOT } from '#lab/commands/workspace.ts';
import { labContext } from '#lab/context.ts';
import { HOSTS, type Host } from '#lab/layout.ts';
import { trafficRole } from '#lab/roles/celery.ts';
import type { BenchContext } from './bench.ts';
import { waitUntil } from './clock.ts';
import type { GeneratorOrder, GeneratorReport } from './event-generator.ts';
import type { LedgerTask } from './task-ledger.ts';
import { readGeneratorLedger, readTrafficLedger } from './task-ledger-files.ts';

/** One publisher waits for two confirmations a task, its event's too: on a busy machine it gets no further than this. */
const TASKS_PER_PUBLISHER = 30;
/** More than the traffic's own limit for results that never come. */
const DRAIN_LIMIT_MS = 330_000;
const STOP_LIMIT_MS = 10_000;

/** Something that publishes, and knows what. */
export type Load = {
  /** Publishes no more, and learns what is still to be learned. */
  readonly drain: () => Promise<LoadReport>;
};

/** What a load published. */
export type LoadReport = {
  readonly ledger: readonly LedgerTask[];
  readonly seconds: number;
  /** Confirmed tasks. */
  readonly tasksPerSecond: number;
  /** Null where the load does not count them. */
  readonly eventsPerSecond: number | null;
};

/** The folder of a bench's own files; made when it is missing. */
export function benchFile({ lab, name }: BenchContext, file: string): string {
  const dir = join(lab.paths.root, 'bench');
  mkdirSync(dir, { recursive: true });
  return join(dir, `${name}.${file}`);
}

/**
 * Real tasks beside the lab's own traffic: publishers on every host, through its proxy, each with a ledger of its own. Only
 * tasks that cost little, so that the machine carries the rate.
 */
export function startTraffic(context: BenchContext, tasksPerSecond: number): Load {
  const { atEnd, lab } = context;
  const own = labContext(lab.paths);
  const fromMs = Date.now();
  const count = Math.max(HOSTS.length, Math.ceil(tasksPerSecond / TASKS_PER_PUBLISHER));
  const publishers = Array.from({ length: count }, (_, n) => {
    const host = HOSTS[n % HOSTS.length] as Host;
    const ledger = benchFile(context, `publisher-${n + 1}.sqlite`);
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${ledger}${suffix}`, { force: true });
    const { argv, env } = trafficRole.command(
      {
        ...own,
        settings: { ...own.settings, ratePerSecond: tasksPerSecond / count },
        paths: { ...own.paths, ledger },
      },
      host,
    );
    const log = createWriteStream(benchFile(context, `publisher-${n + 1}.log`));
    const child = new Child([...argv, '--mix', 'short'], {
      cwd: join(lab.paths.root, 'bench'),
      env: { ...childEnvironment(ROOT, markOf('bench', ROOT, ownIdentity())), ...env },
      onLine: (line) => void log.write(`${line}\n`),
    });
    atEnd('traffic ended', () => child.stop(STOP_LIMIT_MS));
    return { child, ledger, log };
  });
  return {
    drain: async () => {
      const untilMs = Date.now();
      for (const { child, log } of publishers) {
        if (child.hasEnded) throw new Error(`a traffic has ended by itself; see ${log.path}`);
        process.kill(child.pid as number, 'SIGUSR1');
      }
      await Promise.all(publishers.map(({ child }) => withLimit(child.ended, DRAIN_LIMIT_MS)));
      for (const { child, log } of publishers) {
        await child.stop(STOP_LIMIT_MS);
        log.end();
      }
      const ledger = publishers.flatMap((one) =>
        existsSync(one.ledger) ? readTrafficLedger(one.ledger, fromMs, untilMs + STOP_LIMIT_MS) : [],
      );
      const seconds = (untilMs - fromMs) / 1000;
      const confirmed = ledger.filter((task) => task.confirmed).length;
      return { ledger, seconds, tasksPerSecond: confirmed / seconds, eventsPerSecond: null };
    },
  };
}

/** Made-up events, published to a node with confirms (or as Celery does, without). */
export function startGenerator(
  context: BenchContext,
  { seed, eventsPerSecond, confirms = true }: Pick<GeneratorOrder, 'seed' | 'eventsPerSecond'> & { confirms?: boolean },
): Load {
  const { atEnd, lab, say } = context;
  const ledger = benchFile(context, 'generator.ndjson');
  const order: GeneratorOrder = {
    ...{ labDir: lab.paths.root, host: 'host-2', seed, eventsPerSecond, ledger, confirms },
  };
  let last = '';
  const child = new Child([process.execPath, join(import.meta.dirname, 'event-generator.ts'), JSON.stringify(order)], {
    cwd: ROOT,
    env: childEnvironment(ROOT, markOf('bench', ROOT, ownIdentity())),
    onLine: (line) => {
      if (!line.startsWith('{')) say(`generator: ${line}`);
      else last = line;
    },
  });
  atEnd('generator ended', () => child.stop(STOP_LIMIT_MS));
  return {
    drain: async () => {
      if (child.hasEnded) throw new Error('the generator has ended by itself');
      process.kill(child.pid as number, 'SIGTERM');
      await withLimit(child.ended, DRAIN_LIMIT_MS);
      if (!(await waitUntil(() => last !== '', STOP_LIMIT_MS))) throw new Error('the generator did not report');
      const { events, tasks, seconds } = JSON.parse(last) as GeneratorReport;
      return {
        ledger: readGeneratorLedger(ledger),
        ...{ seconds, tasksPerSecond: tasks / seconds, eventsPerSecond: events / seconds },
      };
    },
  };
}

async function withLimit(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    work,
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    }),
  ]);
  clearTimeout(timer);
}
