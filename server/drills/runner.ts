/**
 * The runner: one drill at a time, step by step. Every step is stored before and after it is done, with what takes it back; so
 * that whatever happens to Trellis in between, nothing is left behind that nobody knows of.
 */
import type { RunContext } from '#lib/contract/drills.ts';
import type { Run, RunMark } from '#lib/model/drill.ts';
import type { Finding } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import type { EstateActions } from '#server/actions/estate-actions.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { callText } from './calls.ts';
import type { Canary } from './canary.ts';
import { DRILLS } from './catalog/all.ts';
import type { DrillSettings } from './config.ts';
import type { Aimed, Guard, Means } from './drill.ts';
import { causedBy, findingMarks } from './marks.ts';
import type { Performing } from './perform-call.ts';
import { type Ending, judge } from './report.ts';
import { movedBy, type Roles, rolesOf } from './roles.ts';
import { findingLine, openFindings, type RunRecord, undoLeft, withMarks, withRun } from './run-record.ts';
import { runStep } from './run-step.ts';
import type { RunStore } from './run-store.ts';
import { settledRoles } from './settled-roles.ts';
import { sleeper } from './sleep.ts';
import { takeBack } from './take-back.ts';
import { withChanges } from './tell-changes.ts';

export type RunnerOptions = {
  store: RunStore;
  actions: EstateActions;
  clock: TimerClock;
  settings: DrillSettings;
  means: Means;
  model(): Model;
  /** Has the sources asked at once, and often for a few seconds. */
  hurry(): void;
  /** null = there is nothing to send canaries through. */
  openCanary(queues: readonly string[]): Canary | null;
  /** Told the run whenever something of it changed. */
  onRun(run: Run): void;
  /** What is known once it is over: the estate's own tasks, and its schedule; nothing is waited for when the signal aborts. */
  account(run: Run, signal: AbortSignal): Promise<Pick<RunContext, 'ownTasks' | 'schedule'>>;
  /** For the log. */
  onProblem(message: string): void;
};

/** A run to begin. */
export type Begin = { run: Run; context: RunContext; aimed: Aimed };

export type Runner = {
  /** The run under way, as it is now; null = none is. */
  readonly active: RunRecord | null;
  readonly canary: Canary | null;
  /** Begins it; it is stored before anything is done. Nothing else may be under way. */
  begin(wish: Begin): Promise<void>;
  /** Ends it early and takes back what it did. False = it is not under way, or past its last step. */
  abort(id: string, why: string): boolean;
  /** What observers saw. */
  mark(marks: readonly RunMark[]): void;
  /** Whether the run under way caused a finding of this model, at `now` (epoch ms); null = none is under way. */
  causes(model: Model, now: number): ((finding: Finding) => boolean) | null;
  /** Calls off what is under way; resolves when it has been taken back. */
  stop(why: string): Promise<void>;
};

/** How often the run is looked at: holds, canaries, everybody who watches. */
const LOOK_MS = 250;
/** A burst of the sources lasts a few seconds. */
const HURRY_MS = 4_000;
/** A guard that must hold may be broken for so long: observers disagree for moments. */
const HOLD_PATIENCE_MS = 1_000;
const FINDINGS_KEPT = 100;
/** Canaries that are redelivered late are waited for. */
const JUDGE_LIMIT_MS = 240_000;

/** A runner with nothing under way. */
export function createRunner(options: RunnerOptions): Runner {
  const { store, clock, model, onProblem } = options;
  const performing: Performing = { actions: options.actions, pause: sleeper(clock), now: clock.now };
  let record: RunRecord | null = null;
  let disturbs: Aimed['disturbs'] = [];
  let canary: Canary | null = null;
  let controller = new AbortController();
  let isStoppable = false;
  const stopping = new AbortController();
  let over: Promise<void> = Promise.resolve();

  function change(how: (record: RunRecord) => RunRecord): void {
    if (record === null) return;
    record = how(record);
    options.onRun(record.run);
  }

  async function keep(): Promise<void> {
    if (record !== null) await store.save(record);
  }

  /** What was done is taken back whether it can be stored or not. */
  async function keepIfPossible(): Promise<void> {
    await keep().catch((error: Error) => onProblem(`the run cannot be stored: ${error.message}`));
  }

  function look({ holds, holdsUntil }: Aimed): () => void {
    let brokenSince: number | null = null;
    let hurriedAt = Number.NEGATIVE_INFINITY;
    let cancel = () => {};
    const again = () => {
      const now = clock.now();
      if (now - hurriedAt >= HURRY_MS) {
        hurriedAt = now;
        options.hurry();
      }
      measure();
      const broken = isStoppable && !hasBegun(holdsUntil) ? brokenHold(holds, now) : null;
      brokenSince = broken === null ? null : (brokenSince ?? now);
      if (broken !== null && brokenSince !== null && now - brokenSince >= HOLD_PATIENCE_MS)
        controller.abort(new Error(`Stopped by Trellis: ${broken}`));
      cancel = clock.after(LOOK_MS, again);
    };
    again();
    return () => cancel();
  }

  function hasBegun(step: string | undefined): boolean {
    const found = record?.run.steps.find(({ id }) => id === step);
    return found !== undefined && found.state !== 'waiting';
  }

  function brokenHold(holds: readonly Guard[], now: number): string | null {
    const scene = { model: model(), now, settings: options.settings, means: options.means };
    for (const hold of holds) {
      const { level, text } = hold(scene);
      if (level === 'block') return text;
    }
    return null;
  }

  function measure(): void {
    const measured = canary;
    change((one) => {
      const noted = withFindings(one, disturbs, model(), clock.now());
      if (measured === null) return noted;
      const { counts, outages, unmeasured, stoodStillMs } = measured;
      return withRun(noted, { ledger: counts, outages, unmeasured, stoodStillMs });
    });
  }

  async function go(wish: Begin): Promise<void> {
    const endLooking = look(wish.aimed);
    try {
      const ending = await steps(wish);
      isStoppable = false;
      if (ending.how !== 'done') await undo();
      await close(ending, wish.aimed);
    } finally {
      endLooking();
      record = null;
      canary = null;
      isStoppable = false;
    }
  }

  async function steps({ aimed }: Begin): Promise<Ending> {
    try {
      for (const step of aimed.steps) {
        await runStep(step, {
          ...{ performing, signal: controller.signal, clock, model, change, keep },
          record: () => record as RunRecord,
        });
      }
      return { how: 'done' };
    } catch (error) {
      const { signal } = controller;
      if (signal.aborted) return { how: 'aborted', why: (signal.reason as Error).message };
      return { how: 'failed', why: (error as Error).message };
    }
  }

  async function undo(): Promise<void> {
    change((one) => {
      const steps = one.run.steps.map((step) =>
        step.state === 'waiting' ? { ...step, state: 'skipped' as const } : step,
      );
      return withRun(one, { state: 'undoing', steps });
    });
    // Not waited for: writes may be held back, and the disk may hang.
    void keepIfPossible();
    await takeBack({
      ...{ performing, change, keep: keepIfPossible, onProblem },
      record: () => record as RunRecord,
      which: () => true,
    });
  }

  async function close(ending: Ending, aimed: Aimed): Promise<void> {
    const judged = canary
      ?.finish(stopping.signal.aborted ? 0 : JUDGE_LIMIT_MS)
      .catch((error: Error) => onProblem(`canaries: ${error.message}`));
    const [roles] = await Promise.all([rolesAfter(), judged]);
    measure();
    await canary?.close().catch((error: Error) => onProblem(`canaries: ${error.message}`));
    const { run } = record as RunRecord;
    const account = await options.account(run, stopping.signal).catch((error: Error) => {
      onProblem(`what it cost the estate's own tasks is not known: ${error.message}`);
      return { ownTasks: null, schedule: null };
    });
    const now = clock.now();
    change((one) => withChanges(ended(one, ending, aimed, account, model(), now), roles));
    await keepIfPossible();
  }

  /** Once nothing moves any more: an election that a run began goes on when the run is called off. null = Trellis is being stopped. */
  async function rolesAfter(): Promise<Roles | null> {
    const { run, roles } = record as RunRecord;
    if (run.faultAt === null || roles === undefined) return rolesOf(model(), clock.now());
    const after = await settledRoles(roles, movedBy(DRILLS[run.drill].info), options, stopping.signal);
    return stopping.signal.aborted ? null : after;
  }

  return {
    get active() {
      return record;
    },
    get canary() {
      return canary;
    },
    async begin(wish) {
      controller = new AbortController();
      disturbs = wish.aimed.disturbs;
      record = { run: wish.run, context: wish.context, facts: {}, undo: [], roles: rolesOf(model(), clock.now()) };
      try {
        await keep();
      } catch (error) {
        record = null;
        throw error;
      }
      isStoppable = true;
      canary = wish.context.plan.canaryQueues.length === 0 ? null : options.openCanary(wish.context.plan.canaryQueues);
      options.onRun(wish.run);
      over = go(wish).catch((error: Error) => onProblem(`run ${wish.run.id}: ${error.message}`));
    },
    abort(id, why) {
      if (record?.run.id !== id || !isStoppable || controller.signal.aborted) return false;
      controller.abort(new Error(why));
      return true;
    },
    mark(marks) {
      if (marks.length > 0) change((one) => withMarks(one, marks));
    },
    causes(found, now) {
      return record === null ? null : causedIn(record, disturbs, found, now);
    },
    async stop(why) {
      stopping.abort();
      if (isStoppable) controller.abort(new Error(why));
      await over;
    },
  };
}

/** The record of a run that is over: judged. */
function ended(
  record: RunRecord,
  ending: Ending,
  { hypothesis, disturbs }: Aimed,
  account: Pick<RunContext, 'ownTasks' | 'schedule'>,
  model: Model,
  now: number,
): RunRecord {
  const left = ending.how === 'done' ? [] : undoLeft(record);
  const seen = { ownTasks: account.ownTasks, tookOver: record.facts.tookOver ?? null };
  const { verdict, because } = judge(record.run, hypothesis, ending, now, seen);
  const noted = withFindings(record, disturbs, model, now);
  const next = withRun(noted, {
    ...{ verdict, because, endedAt: now },
    state: left.length === 0 ? 'ended' : 'lost',
    undoLeft: left.map(({ call }) => callText(call)),
  });
  const { findings } = noted.context;
  const lines = new Map(findings.during.map((line) => [line.id, line]));
  const after = openFindings(model).map((one) => lines.get(one.id) ?? findingLine(one));
  const context = { ...noted.context, ...account, findings: { ...findings, after } };
  return { ...next, context, undo: ending.how === 'done' ? [] : record.undo };
}

/** The record with what was found since it began, and whether the run caused it. */
function withFindings(record: RunRecord, disturbs: Aimed['disturbs'], model: Model, now: number): RunRecord {
  const { before, during } = record.context.findings;
  const known = new Set([...before, ...during].map(({ id }) => id));
  const fresh = openFindings(model)
    .filter(({ id }) => !known.has(id))
    .slice(0, FINDINGS_KEPT - during.length);
  if (fresh.length === 0) return record;
  const isCaused = causedIn(record, disturbs, model, now);
  const lines = fresh.map((one) => ({ ...findingLine(one), caused: isCaused(one) }));
  const findings = { ...record.context.findings, during: [...during, ...lines] };
  return withMarks({ ...record, context: { ...record.context, findings } }, findingMarks(fresh, isCaused));
}

/** Whether the run caused a finding: none that was there before it. */
function causedIn(
  { run: { faultAt }, context }: RunRecord,
  disturbs: Aimed['disturbs'],
  model: Model,
  now: number,
): (finding: Finding) => boolean {
  const before = new Set(context.findings.before.map(({ id }) => id));
  const isCaused = causedBy({ faultAt, disturbs }, model, now);
  return (finding) => !finding.posture && !before.has(finding.id) && isCaused(finding);
}
