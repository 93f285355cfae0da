/**
 * The fault matrix: every subset of the backends stopped or hung. Trellis must stay responsive, let its values age, show
 * nothing as ok that nobody vouches for, and recover without a restart.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '#lab/control.ts';
import { HOSTS, type MemberId, memberId, type Role } from '#lab/layout.ts';
import { memberProcesses, signal } from '#lab/processes.ts';
import type { Bench, BenchContext } from './bench.ts';
import { epochMs } from './clock.ts';
import { MatrixWatch } from './matrix-watch.ts';
import { aligned, type Result, single } from './report.ts';
import { bringLabUp, runTrellis, type Trellis, waitShownWhole, watchStream } from './session.ts';
import { Store } from './store.ts';

/** The backends, by the name of Trellis's source. */
export const BACKENDS = ['rabbitmq', 'redis', 'haproxy', 'consul'] as const;
/** One of them. */
export type Backend = (typeof BACKENDS)[number];

const KINDS = ['stopped', 'hung'] as const;
const ROLES_OF: Readonly<Record<Backend, readonly Role[]>> = {
  rabbitmq: ['rabbitmq'],
  redis: ['redis', 'sentinel'],
  haproxy: ['haproxy'],
  consul: ['consul'],
};
const OUTAGE_SECONDS = 60;
const RECOVERY_LIMIT_MS = 90_000;

type Case = { readonly name: string; readonly kind: (typeof KINDS)[number]; readonly backends: readonly Backend[] };
type Outcome = {
  readonly name: string;
  readonly outageSeconds: number;
  /** What was promised and not kept; empty = passed. */
  readonly broken: readonly string[];
  readonly slowestAnswerMs: number;
  readonly longestSilenceMs: number;
  readonly recoveredMs: number | null;
};

/** `npm run bench -- fault-matrix` */
export const faultMatrix: Bench = {
  title: 'Fault matrix: every subset of the backends, stopped or hung',
  run: async (context) => {
    const { lab, options, say } = context;
    const seconds = options.seconds ?? OUTAGE_SECONDS;
    const store = new Store<Outcome>(lab.paths.root, 'fault-matrix', options.again);
    const cases = allCases().filter(({ name }) => name.includes(options.only));
    const outcomeOf = ({ name }: Case) =>
      store.rows.findLast((row) => row.name === name && row.outageSeconds === seconds);
    const left = cases.filter((one) => outcomeOf(one)?.broken.length !== 0);
    if (left.length > 0) {
      await bringLabUp(context);
      const trellis = await runTrellis(context);
      for (const [index, one] of left.entries()) {
        say(`${index + 1}/${left.length} ${one.name}`);
        const outcome = await runCase(context, trellis, one, seconds);
        store.add(outcome);
        say(describe(outcome).join('  '));
      }
    }
    const outcomes = cases.flatMap((one) => outcomeOf(one) ?? []);
    say(
      `cases:\n${aligned([['', 'case', 'live, slowest', 'stream silent', 'recovered', 'broken'], ...outcomes.map(describe)])}`,
    );
    say(`${passed(outcomes).length} passed, ${outcomes.length - passed(outcomes).length} failed`);
    return resultsOf(outcomes, cases.length);
  },
};

function allCases(): Case[] {
  return KINDS.flatMap((kind) =>
    Array.from({ length: 2 ** BACKENDS.length - 1 }, (_, i) => {
      const backends = BACKENDS.filter((_backend, bit) => ((i + 1) >> bit) % 2 === 1);
      return { name: `${kind}: ${backends.join(' + ')}`, kind, backends };
    }),
  );
}

async function runCase(context: BenchContext, trellis: Trellis, one: Case, seconds: number): Promise<Outcome> {
  const { lab } = context;
  // A lab that the case before has left in ruins begins afresh.
  if ((await problemOf(() => lab.up())) !== null) {
    await lab.down();
    await lab.up();
  }
  const live = await watchStream(trellis, context);
  const watch = new MatrixWatch(trellis, live, one.backends);
  let recoveredMs: number | null = null;
  try {
    const mend = await harm(lab, one);
    watch.faultIsThere(epochMs());
    await sleep(seconds * 1000);
    watch.faultEnds(epochMs());
    mend();
    const problem = await problemOf(async () => {
      await lab.up();
      const upMs = performance.now();
      await waitShownWhole(live, RECOVERY_LIMIT_MS);
      recoveredMs = performance.now() - upMs;
    });
    const { broken, slowestAnswerMs, longestSilenceMs } = await watch.end();
    return {
      name: one.name,
      outageSeconds: seconds,
      broken: problem === null ? broken : [...broken, `not recovered: ${problem}`],
      slowestAnswerMs,
      longestSilenceMs,
      recoveredMs,
    };
  } finally {
    await watch.end();
    live.close();
  }
}

/** Stops the backends, or lets them hang. What is returned ends the hanging; what is stopped is started by `up`. */
async function harm(lab: Lab, { kind, backends }: Case): Promise<() => void> {
  const members: MemberId[] = backends.flatMap((backend) =>
    ROLES_OF[backend].flatMap((role) => HOSTS.map((host) => memberId(host, role))),
  );
  if (kind === 'stopped') {
    await Promise.all(members.map((member) => lab.stop(member)));
    return () => undefined;
  }
  // Past the supervisor, which would take a member that it paused for one that `up` must continue at once.
  const processes = memberProcesses(lab.paths.root, members);
  for (const { pid } of processes) signal(pid, 'SIGSTOP');
  return () => {
    for (const { pid } of processes) signal(pid, 'SIGCONT');
  };
}

/** The first line of what went wrong. */
async function problemOf(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return (error as Error).message.split('\n')[0] ?? '';
  }
}

function passed(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter(({ broken }) => broken.length === 0);
}

function resultsOf(outcomes: readonly Outcome[], cases: number): Result[] {
  const worst = (of: (outcome: Outcome) => number | null) => {
    const values = outcomes.map(of);
    return values.includes(null) || values.length === 0 ? null : Math.max(...values.map((value) => value ?? 0));
  };
  return [
    single('cases that failed', cases - passed(outcomes).length, '', 0, `${cases} cases`),
    single(
      '/api/health/live, slowest answer',
      worst((one) => one.slowestAnswerMs),
      'ms',
      1_000,
      '',
    ),
    single(
      'stream, longest silence',
      worst((one) => one.longestSilenceMs),
      'ms',
      12_000,
      'after which a page reconnects',
    ),
    single(
      'lab whole → shown whole',
      worst((one) => one.recoveredMs),
      'ms',
      RECOVERY_LIMIT_MS,
      '',
    ),
  ];
}

function describe({ name, broken, slowestAnswerMs, longestSilenceMs, recoveredMs }: Outcome): string[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return [
    broken.length === 0 ? 'pass' : 'FAIL',
    name,
    `${Math.round(slowestAnswerMs)} ms`,
    seconds(longestSilenceMs),
    recoveredMs === null ? 'no' : seconds(recoveredMs),
    broken.join('; '),
  ];
}
