/** The order of a test run: what is run, what depends on what, what is counted, and that everything is put away at the end. */
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describeLeftover, findLeftovers, type Scope, takeSnapshot } from '#lab/leftovers.ts';
import { buildWith, isBuildNeeded } from './build.ts';
import { type Child, describeExit, runToEnd } from './children.ts';
import {
  type Counts,
  countReport,
  crashedFiles,
  describeCounts,
  FAILED,
  mergeReports,
  NONE,
  namesOfUnpassed,
  PASSED,
  type Reporter,
  sum,
} from './outcomes.ts';
import { step } from './progress.ts';
import { requireFreePort, startTrellis } from './trellis.ts';

/** What can be run alone. */
export const PARTS = ['check', 'unit', 'lab', 'e2e'] as const;
/** A part of the test run. */
export type Part = (typeof PARTS)[number];

/** A runner of tests: its command line, and how it is told where to put its report. */
export type Runner = {
  reporter: Reporter;
  command: (reportFile: string) => readonly string[];
  env?: (reportFile: string) => Record<string, string>;
  /**
   * The same for some files. Given, files whose process crashed (no test of them failed) are run again, once: V8 of
   * Node 24 and earlier crashes now and then while it collects garbage (https://github.com/nodejs/node/issues/62393).
   */
  again?: (reportFile: string, files: readonly string[]) => readonly string[];
};

/** Every command of a test run. */
export type TestPlan = {
  root: string;
  env: NodeJS.ProcessEnv;
  /** Installs what the parts need; anything that it throws fails the run. */
  setUp: (parts: ReadonlySet<Part>) => Promise<void>;
  check: readonly string[];
  build: readonly string[];
  unit: Runner;
  lab: Runner;
  e2e: Runner;
  labUp: readonly string[];
  labDown: readonly string[];
  trellis: { command: readonly string[]; url: string; port: number; logFile: string };
  scope: Scope;
  /** How long what was told to end may take before it counts as left. */
  leftoverGraceMs: number;
};

/** More files than this do not crash by chance. */
const MAX_CRASHED = 2;

const MINUTE_MS = 60_000;
/** Of what hangs: several times what each takes, so that a machine that is short of time is slow and not red. */
const LIMIT_MS = {
  check: 5 * MINUTE_MS,
  build: 5 * MINUTE_MS,
  unit: 12 * MINUTE_MS,
  labUp: 5 * MINUTE_MS,
  lab: 15 * MINUTE_MS,
  trellis: MINUTE_MS,
  e2e: 35 * MINUTE_MS,
  labDown: 2 * MINUTE_MS,
} as const;

/** Runs the parts. Returns the counts over all of them; never throws for what a test or a server does. */
async function runTests(plan: TestPlan, parts: ReadonlySet<Part>, signal: AbortSignal): Promise<Counts> {
  const run = new TestRun(plan, signal);
  await run.all(parts);
  return run.total();
}

/** Runs the parts as a command does: signals end them, the last line counts, the exit code says whether all is well. */
export async function runAsCommand(plan: TestPlan, parts: ReadonlySet<Part>): Promise<void> {
  const interrupted = new AbortController();
  // More than one may come (the terminal's and npm's), and the teardown has limits of its own.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());
  // A terminal that is gone must not stop the teardown.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const counts = await runTests(plan, parts, interrupted.signal);
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
  print(`\n${describeCounts(counts)}\n`);
}

class TestRun {
  readonly #plan: TestPlan;
  readonly #signal: AbortSignal;
  readonly #tally: { name: string; counts: Counts }[] = [];
  /** Told at the end too: of a long output often only the end is kept. */
  readonly #notes: string[] = [];
  readonly #reports = mkdtempSync(join(tmpdir(), 'trellis-reports-'));
  /** Teardown goes on after an interruption. */
  readonly #never = new AbortController().signal;

  constructor(plan: TestPlan, signal: AbortSignal) {
    this.#plan = plan;
    this.#signal = signal;
  }

  total(): Counts {
    return sum(this.#tally.map(({ counts }) => counts));
  }

  async all(parts: ReadonlySet<Part>): Promise<void> {
    const scope = usesLab(parts) ? this.#plan.scope : { ...this.#plan.scope, labDir: undefined, ports: [] };
    const before = takeSnapshot(scope);
    try {
      if (await this.#succeeds('set-up', () => this.#plan.setUp(parts))) await this.#parts(parts);
    } finally {
      rmSync(this.#reports, { recursive: true, force: true });
    }
    if (this.#signal.aborted) this.#fail('interrupted', 'the run was interrupted');
    await this.#succeeds('nothing left behind', async () => {
      const left = await findLeftovers(before, scope, this.#plan.leftoverGraceMs);
      if (left.length > 0) throw new Error(left.map(describeLeftover).join('\n'));
      this.#count('leftovers', PASSED);
    });
    this.#printTally();
  }

  async #parts(parts: ReadonlySet<Part>): Promise<void> {
    if (parts.has('check')) await this.#check();
    // Built before anything else loads the machine; the unit tests do not depend on it.
    const isBuilt = parts.has('e2e') && (await this.#build());
    if (parts.has('unit')) await this.#runner('unit', this.#plan.unit, LIMIT_MS.unit);
    if (usesLab(parts) && !this.#signal.aborted) await this.#withLab(parts, isBuilt);
  }

  async #check(): Promise<void> {
    for (const command of this.#plan.check) {
      await this.#succeeds(`check: ${command}`, async () => {
        await this.#command(['sh', '-c', command], LIMIT_MS.check);
        this.#count('check', PASSED);
      });
    }
  }

  async #build(): Promise<boolean> {
    const { root, build } = this.#plan;
    if (!isBuildNeeded(root)) return true;
    return this.#succeeds('build', async () => {
      await buildWith(root, async () => {
        for (const command of build) await this.#command(['sh', '-c', command], LIMIT_MS.build);
        return true;
      });
    });
  }

  async #withLab(parts: ReadonlySet<Part>, isBuilt: boolean): Promise<void> {
    try {
      const isUp = await this.#up('lab up');
      if (parts.has('lab')) {
        if (isUp) await this.#runner('lab', this.#plan.lab, LIMIT_MS.lab);
        else this.#fail('lab', 'not run: the lab did not come up');
      }
      if (parts.has('e2e')) {
        // The lab tests break the estate on purpose; the browser tests begin with a whole one.
        if (!isUp || !(await this.#up('lab whole again'))) this.#fail('e2e', 'not run: the lab did not come up');
        else if (!isBuilt) this.#fail('e2e', 'not run: there is no build');
        else await this.#e2e();
      }
    } finally {
      await this.#succeeds('lab down', () => this.#command(this.#plan.labDown, LIMIT_MS.labDown, this.#never));
    }
  }

  #up(title: string): Promise<boolean> {
    return this.#succeeds(title, () => this.#command(this.#plan.labUp, LIMIT_MS.labUp));
  }

  async #e2e(): Promise<void> {
    const { root, env, trellis, e2e } = this.#plan;
    mkdirSync(dirname(trellis.logFile), { recursive: true });
    const log = createWriteStream(trellis.logFile);
    let child: Child | undefined;
    const isReady = await this.#succeeds('Trellis', async () => {
      await requireFreePort(trellis.port);
      const onLine = (line: string) => void log.write(`${line}\n`);
      const started = { cwd: root, env, onLine, url: trellis.url, limitMs: LIMIT_MS.trellis, signal: this.#signal };
      child = await startTrellis(trellis.command, started);
    });
    try {
      if (!isReady) this.#fail('e2e', 'not run: Trellis did not start');
      else {
        const counts = await this.#runner('e2e', e2e, LIMIT_MS.e2e);
        if (child?.hasEnded) this.#fail('Trellis', `ended during the tests: ${describeExit(await child.ended)}`);
        if (counts.failed > 0) this.#printLog();
      }
    } finally {
      if (child !== undefined) await child.stop();
      await new Promise<void>((resolve) => log.end(resolve));
      if (!isReady) this.#printLog();
    }
  }

  /** Runs a runner and counts what it reports. */
  async #runner(name: string, runner: Runner, limitMs: number): Promise<Counts> {
    const { reporter, command, env } = runner;
    const report = join(this.#reports, `${name}.json`);
    let counts: Counts = NONE;
    let hasSucceeded = false;
    await this.#says(`${name} tests`, async () => {
      try {
        await this.#command(command(report), limitMs, this.#signal, env?.(report)).catch(async (error: unknown) => {
          if (!(await this.#ranCrashedAgain(runner, report, limitMs))) throw error;
        });
        hasSucceeded = true;
      } finally {
        counts = countReport(reporter, report, hasSucceeded);
        this.#count(name, counts);
        if (counts.failed > 0) this.#notes.push(...namesOfUnpassed(reporter, report).map((line) => `✘ ${line}`));
      }
      if (counts.failed > 0) throw new Error('no test ran');
    });
    return counts;
  }

  /** Whether files had crashed and ended well when run again; the report tells of both runs. */
  async #ranCrashedAgain({ again }: Runner, report: string, limitMs: number): Promise<boolean> {
    const crashed = again === undefined ? [] : crashedFiles(report);
    if (again === undefined || crashed.length === 0 || crashed.length > MAX_CRASHED) return false;
    this.#notes.push(...crashed.map((file) => `↻ ${file}: its process crashed, and it was run again`));
    const second = `${report}.again`;
    const endedWell = await this.#command(again(second, crashed), limitMs).then(
      () => true,
      () => false,
    );
    mergeReports(report, second);
    return endedWell;
  }

  /** Runs one step and counts a failure when it throws. */
  async #succeeds(name: string, work: () => Promise<void>): Promise<boolean> {
    const hasSucceeded = await this.#says(name, work);
    if (!hasSucceeded) this.#count(name.replace(/:.*/, ''), FAILED);
    return hasSucceeded;
  }

  async #says(title: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await step(title, work);
      return true;
    } catch (error) {
      print(`  ${(error instanceof Error ? error.message : String(error)).replaceAll('\n', '\n  ')}\n`);
      return false;
    }
  }

  async #command(
    argv: readonly string[],
    limitMs: number,
    signal = this.#signal,
    extra: Record<string, string> = {},
  ): Promise<void> {
    const { root: cwd, env } = this.#plan;
    const exit = await runToEnd(argv, { cwd, env: { ...env, ...extra }, limitMs, signal });
    if (exit.timedOut) throw new Error(`ended after its limit of ${limitMs / MINUTE_MS} min: ${argv.join(' ')}`);
    if (exit.code !== 0) throw new Error(`${describeExit(exit)}: ${argv.join(' ')}`);
  }

  #count(name: string, counts: Counts): void {
    this.#tally.push({ name, counts });
  }

  #fail(name: string, why: string): void {
    print(`✘ ${name}: ${why}\n`);
    this.#count(name, FAILED);
  }

  #printLog(): void {
    const { logFile } = this.#plan.trellis;
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
    print(
      `  the last lines of Trellis (${logFile}):\n${lines
        .slice(-40)
        .map((line) => `    ${line}\n`)
        .join('')}`,
    );
  }

  #printTally(): void {
    const names = [...new Set(this.#tally.map(({ name }) => name))];
    print('\n');
    for (const note of this.#notes) print(`${note}\n`);
    for (const name of names) {
      const counts = sum(this.#tally.filter((each) => each.name === name).map((each) => each.counts));
      print(`  ${name.padEnd(14)}${describeCounts(counts)}\n`);
    }
  }
}

function usesLab(parts: ReadonlySet<Part>): boolean {
  return parts.has('lab') || parts.has('e2e');
}

function print(text: string): void {
  process.stdout.write(text);
}
