/** The findings bench: every fault of the table, held against what Trellis finds and what it calls the root. */
import { labContext } from '#lab/context.ts';
import type { Lab } from '#lab/control.ts';
import { HOSTS, QUEUE } from '#lab/layout.ts';
import type { Finding } from '#lib/model/finding.ts';
import { routes } from '#lib/routes.ts';
import type { Bench, BenchContext } from './bench.ts';
import { waitUntil } from './clock.ts';
import { beginFault, endFault } from './findings-fault.ts';
import { FAULT_TABLE, type FaultRow, hostOfNode, type Roles } from './findings-table.ts';
import { isAsExpected, sameness, type Told, toldOf, type Verdict, verdictOf } from './findings-verdict.ts';
import { queueLeader, rolesNow } from './forecast-winners.ts';
import { aligned, type Result, single } from './report.ts';
import { bringLabUp, runTrellis, type Trellis, upForCertain } from './session.ts';
import { Store } from './store.ts';
import type { TrellisYaml } from './trellis-config.ts';

const LOOK_MS = 500;
const ANSWER_LIMIT_MS = 5_000;
const CLEAN_LIMIT_MS = 90_000;
const CLEAN_STABLE_MS = 6_000;
/** What is still changing is not judged. */
const STABLE_MS = 10_000;
const LIMIT_MS = 60_000;

/** The table is of what can be seen without Celery's events: the same faults show in those too, some seconds later. */
function withoutEvents(yaml: TrellisYaml): void {
  delete yaml.celery;
}

type Run = {
  readonly name: string;
  /** Who had which role: the table's expectation depends on it. */
  readonly roles: Roles;
  readonly told: readonly Told[];
  /** From the fault until nothing changed any more; null = it went on changing, or something was missing to the end. */
  readonly settledMs: number | null;
  /** From the whole lab until nothing was found any more. */
  readonly cleanMs: number | null;
  /** What went wrong beside the findings. */
  readonly problem: string | null;
};

/** `npm run bench -- findings` */
export const findings: Bench = {
  title: 'Findings: every fault, what is found, and what is called the root',
  run: async (context) => {
    const { lab, options, say } = context;
    const store = new Store<Run>(lab.paths.root, 'findings', options.again);
    const rows = FAULT_TABLE.filter(({ name }) => name.includes(options.only));
    const runOf = ({ name }: FaultRow) => store.rows.findLast((run) => run.name === name);
    const left = rows.filter((row) => !passed(row, runOf(row)));
    if (left.length > 0) {
      await bringLabUp(context);
      const trellis = await runTrellis(context, withoutEvents);
      for (const [index, row] of left.entries()) {
        say(`${index + 1}/${left.length} ${row.name}`);
        const run = await oneRun(context, trellis, row);
        store.add(run);
        say(aligned(linesOf(row, run)));
      }
    }
    const runs = rows.flatMap((row) => runOf(row) ?? []);
    const head = ['fault', 'found', 'root', 'pass'];
    say(`faults:\n${aligned([head, ...rows.flatMap((row) => linesOf(row, runOf(row)))])}`);
    return resultsOf(
      rows.map((row) => passed(row, runOf(row))),
      runs,
    );
  },
};

async function oneRun(context: BenchContext, trellis: Trellis, row: FaultRow): Promise<Run> {
  const { lab } = context;
  await upForCertain(lab);
  await waitClean(trellis);
  const roles = await rolesOf(lab);
  const faults = row.faults(roles);
  let settled: Settled;
  let problem: string | null = null;
  try {
    await Promise.all(faults.map((fault) => beginFault(lab, fault)));
    settled = await settle(trellis, row, roles);
  } finally {
    await Promise.all(faults.map(endFault));
    problem = await problemOf(() => upForCertain(lab));
  }
  let cleanMs: number | null = null;
  problem ??= await problemOf(async () => {
    cleanMs = await waitClean(trellis);
  });
  return { name: row.name, roles, ...settled, cleanMs, problem };
}

type Settled = Pick<Run, 'told' | 'settledMs'>;

/** Looks until the findings have stayed the same for a while and nothing that was promised is missing, or the limit. */
async function settle(trellis: Trellis, row: FaultRow, roles: Roles): Promise<Settled> {
  const startMs = performance.now();
  let told = await look(trellis);
  let sinceMs = performance.now();
  const settled = await waitUntil(
    async () => {
      const next = await look(trellis);
      if (sameness(next) !== sameness(told)) sinceMs = performance.now();
      told = next;
      const isMissing = verdictOf(told, row.expected(roles)).missing.length > 0;
      return !isMissing && performance.now() - sinceMs >= STABLE_MS;
    },
    LIMIT_MS,
    LOOK_MS,
  );
  return { told, settledMs: settled ? sinceMs - startMs : null };
}

/** How long it took until nothing was found, and nothing came after it (a resumed Sentinel's TILT is told seconds later). @throws Error that names what still is */
async function waitClean(trellis: Trellis): Promise<number> {
  const startMs = performance.now();
  let told: readonly Told[] = [];
  let sinceMs: number | null = null;
  const isClean = async () => {
    told = await look(trellis);
    sinceMs = told.length > 0 ? null : (sinceMs ?? performance.now());
    return sinceMs !== null && performance.now() - sinceMs >= CLEAN_STABLE_MS;
  };
  if (await waitUntil(isClean, CLEAN_LIMIT_MS, LOOK_MS)) return (sinceMs ?? startMs) - startMs;
  throw new Error(`found on the whole lab: ${told.map(({ key }) => key).join(', ')}`);
}

async function look({ url }: Trellis): Promise<Told[]> {
  const response = await fetch(`${url}${routes.api.findings}`, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  if (!response.ok) throw new Error(`${routes.api.findings} answered ${response.status}`);
  return toldOf(((await response.json()) as { findings: readonly Finding[] }).findings);
}

async function rolesOf(lab: Lab): Promise<Roles> {
  const [roles, leader] = await Promise.all([rolesNow(), queueLeader(labContext(lab.paths), HOSTS, QUEUE)]);
  return { ...roles, led: hostOfNode(leader) };
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

/** By the table as it is now: a changed expectation needs no new run. */
function verdict(row: FaultRow, { told, roles }: Run): Verdict {
  return verdictOf(told, row.expected(roles));
}

function passed(row: FaultRow, run: Run | undefined): boolean {
  return run !== undefined && run.problem === null && isAsExpected(verdict(row, run));
}

/** One line for each finding, the roots first; then what is wrong. */
function linesOf(row: FaultRow, run: Run | undefined): string[][] {
  if (run === undefined) return [[row.name, 'not run', '', '']];
  const { missing, unexpected, misrooted } = verdict(row, run);
  const told = run.told.toSorted((a, b) => Number(a.root !== null) - Number(b.root !== null));
  const found = told.map(({ key, root }) => [key, root ?? 'itself']);
  const wrong = [
    ...missing.map((key) => [`missing: ${key}`, '']),
    ...unexpected.map((key) => [`unexpected: ${key}`, '']),
    ...misrooted.map((text) => [`wrong root: ${text}`, '']),
    ...(run.problem === null ? [] : [[run.problem, '']]),
  ];
  const lines = [...found, ...wrong];
  const pass = passed(row, run) ? 'yes' : 'NO';
  return (lines.length === 0 ? [['nothing', '']] : lines).map(([what = '', root = ''], index) => [
    index === 0 ? row.name : '',
    what,
    root,
    index === 0 ? pass : '',
  ]);
}

function resultsOf(passes: readonly boolean[], runs: readonly Run[]): Result[] {
  const longest = (of: (run: Run) => number | null) => {
    const seen = runs.map(of);
    return seen.includes(null) || seen.length === 0 ? null : Math.max(...seen.map((ms) => ms ?? 0));
  };
  return [
    single('faults not found as expected', passes.filter((pass) => !pass).length, '', 0, `${passes.length} faults`),
    single(
      'fault → findings settled, slowest',
      longest((run) => run.settledMs),
      'ms',
      null,
    ),
    single(
      'lab whole → nothing found, slowest',
      longest((run) => run.cleanMs),
      'ms',
      CLEAN_LIMIT_MS,
    ),
  ];
}
