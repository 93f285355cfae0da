/**
 * Drills that do not come to their end: Trellis killed (SIGKILL) or stopped (SIGTERM), or the run called off, in every step. Before the point of no return
 * everything must be as it was, after it the lab must be whole and the report tell what moved; some things must never be left.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DRILL_IDS, type DrillId } from '#lib/model/drill.ts';
import type { Bench, BenchContext } from './bench.ts';
import { drillClient } from './drill-client.ts';
import { drillDataDir, runDrillTrellis } from './drill-trellis.ts';
import { type Aimed, type Attempt, attempt } from './drills-break-attempt.ts';
import { stepsToStrike, WAYS, type Way } from './drills-break-steps.ts';
import { mendLab } from './estate-shot.ts';
import { aligned, type Result, single } from './report.ts';
import { bringLabUp, type Trellis } from './session.ts';
import { Store } from './store.ts';

/** Struck in every step; the others in their first, middle and last. */
const EVERY_STEP: readonly DrillId[] = ['redis-switch', 'broker-switch', 'queue-leader-move', 'beat-handover'];
/** Stopped too, in their first, middle and last step: what they take back takes its time. */
const STOPPED: readonly DrillId[] = ['redis-switch', 'broker-hang', 'queue-leader-move', 'beat-handover', 'host-crash'];
/** A step that lasts for milliseconds is not met at the first try. */
const ATTEMPTS = 8;
const CLEAR_LIMIT_MS = 180_000;

/** `npm run bench -- drills-break` */
export const drillsBreak: Bench = {
  title: 'Drills ended in every step, by SIGKILL or SIGTERM of Trellis and by hand: what was left',
  run: async (context) => {
    const { lab, options, say } = context;
    const store = new Store<Attempt>(lab.paths.root, 'drills-break', options.again);
    const pairs = DRILL_IDS.flatMap((drill) => waysOf(drill).map((way) => ({ drill, way }))).filter(({ drill, way }) =>
      `${drill} ${way}`.includes(options.only),
    );
    const bench = new BreakBench(context, store);
    for (const { drill, way } of pairs) {
      for (const step of await bench.stepsOf(drill, way)) await bench.meet({ drill, way, step });
    }
    const cases = pairs.flatMap(({ drill, way }) => casesOf(drill, way, store.rows));
    say(`cases:\n${aligned([['drill', 'way', 'step', 'held', 'what is wrong'], ...cases.flatMap(linesOf)])}`);
    return [...pairs.map(({ drill, way }) => resultOf(drill, way, cases)), leftResult(store.rows)];
  },
};

class BreakBench {
  readonly #context: BenchContext;
  readonly #store: Store<Attempt>;
  #trellis: Trellis | undefined;

  constructor(context: BenchContext, store: Store<Attempt>) {
    this.#context = context;
    this.#store = store;
  }

  /** The steps of a drill that are struck, by an earlier attempt or by its plan. */
  async stepsOf(drill: DrillId, way: Way): Promise<string[]> {
    const known = this.#store.rows.find((row) => row.drill === drill)?.steps;
    return stepsToStrike(known ?? (await this.#planned(drill)), isStruckInAll(drill, way));
  }

  /** Strikes until the step was met; what was met instead counts for its own case. */
  async meet(aimed: Aimed): Promise<void> {
    const { say } = this.#context;
    const before = caseOf(aimed, this.#store.rows);
    if (hasHeld(before)) return;
    const isMet = () => caseOf(aimed, this.#store.rows) !== before;
    for (let tries = 0; tries < ATTEMPTS && !isMet(); tries += 1) {
      say(`${aimed.drill}, ${aimed.way} in ${aimed.step}, attempt ${tries + 1}`);
      await this.#attempt(aimed, tries);
    }
  }

  async #attempt(aimed: Aimed, tries: number): Promise<void> {
    const { lab, say } = this.#context;
    try {
      const trellis = await this.#running();
      await mendLab(lab);
      const runsFile = join(drillDataDir(this.#context), 'drills.db');
      const moment = tries % 2 === 1 ? 'held up' : 'seen';
      const row = await attempt({ lab, trellis, runsFile, again: () => this.#start() }, aimed, moment);
      this.#store.add(row);
      say([`${row.hit ?? 'nothing'} was met`, ...row.problems].join('\n    '));
      if (row.problems.length > 0) await this.#afresh();
    } catch (error) {
      say(`not struck: ${(error as Error).message}`);
      await this.#afresh();
    }
  }

  async #planned(drill: DrillId): Promise<string[]> {
    const { url } = await this.#running();
    const { steps } = await drillClient(url).clearPlan(drill, null, CLEAR_LIMIT_MS);
    return steps.map(({ id }) => id);
  }

  async #running(): Promise<Trellis> {
    if (this.#trellis !== undefined) return this.#trellis;
    await bringLabUp(this.#context);
    await mendLab(this.#context.lab);
    rmSync(drillDataDir(this.#context), { recursive: true, force: true });
    return this.#start();
  }

  async #start(): Promise<Trellis> {
    this.#trellis = await runDrillTrellis(this.#context);
    return this.#trellis;
  }

  /** What went wrong in one case must not stand in the way of the next: a lost run would. */
  async #afresh(): Promise<void> {
    await this.#trellis?.stop();
    await mendLab(this.#context.lab);
    rmSync(drillDataDir(this.#context), { recursive: true, force: true });
    await this.#start();
  }
}

function waysOf(drill: DrillId): Way[] {
  return WAYS.filter((way) => way !== 'stop' || STOPPED.includes(drill));
}

function isStruckInAll(drill: DrillId, way: Way): boolean {
  return way !== 'stop' && EVERY_STEP.includes(drill);
}

type Case = Aimed & { readonly row: Attempt | undefined };

function caseOf({ drill, way, step }: Aimed, rows: readonly Attempt[]): Attempt | undefined {
  return rows.findLast((row) => row.drill === drill && row.way === way && row.hit === step);
}

function casesOf(drill: DrillId, way: Way, rows: readonly Attempt[]): Case[] {
  const steps = stepsToStrike(rows.find((row) => row.drill === drill)?.steps ?? [], isStruckInAll(drill, way));
  return steps.map((step) => ({ drill, way, step, row: caseOf({ drill, way, step }, rows) }));
}

function hasHeld(row: Attempt | undefined): boolean {
  return row !== undefined && row.problems.length === 0;
}

function linesOf({ drill, way, step, row }: Case): string[][] {
  const wrong = row === undefined ? ['this step was never met'] : row.problems;
  const word = hasHeld(row) ? 'yes' : 'NO';
  return (wrong.length === 0 ? [''] : wrong).map((text, index) =>
    index === 0 ? [drill, way, step, word, text] : ['', '', '', '', text],
  );
}

function resultOf(drill: DrillId, way: Way, cases: readonly Case[]): Result {
  const mine = cases.filter((one) => one.drill === drill && one.way === way);
  const held = mine.filter(({ row }) => hasHeld(row)).length;
  const value = mine.length === 0 ? null : mine.length - held;
  return single(`${drill}, ${way}: steps in which it did not hold`, value, '', 0, `${held} of ${mine.length} held`);
}

/** Of every attempt, whichever step it was aimed at. */
function leftResult(rows: readonly Attempt[]): Result {
  const left = rows.flatMap(({ problems }) => problems.filter((text) => text.startsWith('left: ')));
  return single(
    'servers, writes, policies and processes left as they must not be',
    left.length,
    '',
    0,
    `${rows.length} attempts`,
  );
}
