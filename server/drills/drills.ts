/** Drills as the rest of Trellis sees them: the catalog with its targets, plans, runs. */
import type { DrillEntry, ListedRun, OverviewAnswer, RunAnswer, RunsQuery, StartRun } from '#lib/contract/drills.ts';
import { DRILL_IDS, type DrillId, type DrillPlan, type Run } from '#lib/model/drill.ts';
import type { Finding } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import type { Transition } from '#lib/model/transition.ts';
import type { Role } from '#lib/permissions.ts';
import type { EstateActions } from '#server/actions/estate-actions.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import type { Canary } from './canary.ts';
import { DRILLS } from './catalog/all.ts';
import type { DrillSettings } from './config.ts';
import type { Means, Scene } from './drill.ts';
import { drillError } from './drill-error.ts';
import { EVIDENCE_MS } from './guards.ts';
import { markKey, sentinelMarks, transitionMarks } from './marks.ts';
import { SOCKETS_GUARD } from './other-guards.ts';
import type { Performing } from './perform-call.ts';
import { type Around, type Planned, planOf } from './plan.ts';
import { recoverRuns, removeLeftPolicies, undoRun } from './recover.ts';
import { comparisonOf, reportMarkdown, reportSentences, trendPoint } from './report.ts';
import { findingLine, NO_CANARIES, openFindings, type RunRecord } from './run-record.ts';
import type { RunStore } from './run-store.ts';
import { createRunner, type RunnerOptions } from './runner.ts';
import { sleeper } from './sleep.ts';
import { changesBetween, type State } from './state-hash.ts';
import { createTeller } from './tell-changes.ts';

export type DrillsOptions = Pick<
  RunnerOptions,
  'model' | 'hurry' | 'openCanary' | 'account' | 'onRun' | 'onProblem'
> & {
  settings: DrillSettings;
  means: Means;
  store: RunStore;
  /** null = there are no credentials to act. */
  actions: EstateActions | null;
  clock: TimerClock;
  /** Asks again what `means` tells of the proxies' sockets. */
  lookAtSockets(): Promise<void>;
  /** Why nobody may drill, besides the settings; null = they may. */
  locked: string | null;
  /** RabbitMQ's virtual hosts. */
  vhosts: readonly string[];
  /** Reads the stored figures. @throws as `overview` */
  readOverview(): Promise<OverviewAnswer>;
  /** Told a run that is over, once, and who started it. */
  onEnd(run: Run, by: StartedBy): void;
};

/** Who asks for a run; `id` becomes the run's. */
export type StartedBy = { id: string; actor: string; role: Role; reason: string };

export type Drills = {
  readonly active: Run | null;
  /** The canaries of the run under way; null = there are none. */
  readonly canary: Canary | null;
  /** In the order of the catalog. @throws Error with code RUNS_UNAVAILABLE */
  entries(): Promise<readonly DrillEntry[]>;
  /** A dry run; `target` null = the likeliest. */
  plan(drill: DrillId, target: string | null): Promise<DrillPlan>;
  /** @throws Error with code TARGET_MISMATCH, STATE_CHANGED, DRILL_REFUSED or RUNS_UNAVAILABLE; nothing was begun */
  start(wish: StartRun, by: StartedBy): Promise<RunAnswer>;
  /** @throws Error with code RUN_UNKNOWN or RUN_ENDED */
  abort(id: string, by: string, reason: string): Promise<RunAnswer>;
  /** Takes back what a lost run left. @throws Error with code RUN_UNKNOWN, NOTHING_LEFT or UNDO_FAILED */
  undo(id: string): Promise<RunAnswer>;
  /** @throws Error with code RUNS_UNAVAILABLE */
  runs(query: RunsQuery): Promise<readonly ListedRun[]>;
  /** `beside` = another run of the same drill to compare it to. @throws Error with code RUN_UNKNOWN, OTHER_DRILL or RUNS_UNAVAILABLE */
  run(id: string, beside?: string): Promise<RunAnswer>;
  /** The report as Markdown. @throws as `run` */
  markdown(id: string, beside?: string): Promise<string>;
  /** What high availability costs while all is well. @throws Error with code OVERVIEW_UNREADABLE */
  overview(): Promise<OverviewAnswer>;
  /** What changed in the model just now, for the marks of the run under way. */
  notice(model: Model, transitions: readonly Transition[]): void;
  /** The run under way (its id) that caused a finding of this model, at `now` (epoch ms); null = none did. */
  causeOf(model: Model, now: number): (finding: Finding) => string | null;
  /** Something is being done to the estate, or taken back. */
  readonly isBusy: boolean;
  /** Begins nothing more, calls off what is under way, and resolves when it was taken back. */
  stop(): Promise<void>;
};

/** Plans that are remembered, to say what changed since. */
const PLANS_KEPT = 200;
/** Runs that make up the trends. */
const TREND_RUNS = 500;
const TREND_LENGTH = 20;
const LOOK_MS = 50;
/** Evidence that is older is asked for again before a plan is made. */
const OLD_MS = 2_000;

/** Starts with clearing up what runs of before left. */
export function createDrills(options: DrillsOptions): Drills {
  const { settings, means, store, actions, clock, model, onProblem } = options;
  const pause = sleeper(clock);
  const states = new Map<string, State>();
  const lost = new Map<string, Run>();
  let lastEndedAt: number | null = null;
  let unread: string | null = 'what runs of before left is being looked at';
  let isStarting = false;
  /** Who started the run under way, or the last one. */
  let startedBy: StartedBy | null = null;
  let isStopping = false;
  /** Runs of before that are being taken back. */
  const takingBack = new Set<Promise<unknown>>();
  /** What the Sentinels had published when it was looked last: one message may come in the same millisecond as another. */
  let said = new Set<string>();
  /** As they were when it was looked last: the model keeps what has not changed. */
  let sentinels: Model['sentinels'] | null = null;
  let shown: string | null = null;

  function show(run: Run): void {
    shown = run.id;
    options.onRun(run);
  }

  const teller = createTeller({
    ...{ store, clock, model, onProblem, hurry: options.hurry },
    // What browsers show by now is not replaced by an earlier run.
    onTold(run) {
      if (shown === run.id) options.onRun(run);
    },
  });
  const performing: Performing | null = actions === null ? null : { actions, pause, now: clock.now };
  const runner =
    actions === null
      ? null
      : createRunner({
          ...options,
          actions,
          onRun(run) {
            show(run);
            if (run.endedAt !== null) over(run);
          },
        });

  function over(run: Run): void {
    if (run.faultAt !== null) lastEndedAt = run.endedAt;
    if (run.state === 'lost') lost.set(run.id, run);
    if (startedBy !== null) options.onEnd(run, startedBy);
  }

  /** A Trellis that is stopped waits for it. */
  function untilStop<T>(work: Promise<T>): Promise<T> {
    takingBack.add(work);
    const isOver = () => void takingBack.delete(work);
    work.then(isOver, isOver);
    return work;
  }

  async function recover(): Promise<void> {
    const [newest] = await store.list({ limit: 1 });
    if (performing === null) {
      for (const { run } of await store.unended()) lost.set(run.id, run);
      lastEndedAt = await lastEnd();
      return;
    }
    const records = await untilStop(recoverRuns({ store, performing, onProblem }));
    for (const { run } of records) {
      if (run.state === 'lost') lost.set(run.id, run);
      // Browsers that come back still show it as running.
      show(run);
    }
    // What was taken back just now is its end, whenever Trellis lost sight of it.
    lastEndedAt = records.some(({ run }) => run.faultAt !== null) ? clock.now() : await lastEnd();
    await removePolicies(performing);
    // Last, and not waited for: nothing is seen of the estate yet.
    for (const record of records) teller.tell(record);
    // A Trellis that was stopped in good order did not wait until it could be told.
    const last = newest?.state === 'ended' ? await store.load(newest.id) : null;
    if (last?.isTold === false) teller.tell(last);
  }

  /** When the last run that did something to the estate ended; the estate has had rest since. */
  async function lastEnd(): Promise<number | null> {
    const [last] = await store.list({ limit: 1 });
    return last?.faultAt == null ? null : last.endedAt;
  }

  async function removePolicies({ actions }: Performing): Promise<void> {
    if (!means.rabbitmq) return;
    try {
      const names = await removeLeftPolicies(options.vhosts, actions, new AbortController().signal);
      for (const name of names) onProblem(`the temporary policy ${name} was left over and is gone now`);
    } catch (error) {
      onProblem(`temporary policies could not be looked for: ${(error as Error).message}`);
    }
  }

  const recovered = recover().then(
    () => {
      unread = null;
    },
    (error: Error) => {
      unread = `the runs of before cannot be read: ${error.message}`;
      onProblem(unread);
    },
  );

  function off(): string | null {
    if (!settings.enabled) return 'drills: { enabled: false } in trellis.yaml.';
    if (actions === null) return 'Trellis has no credentials to act. Add acting: { … } to trellis.yaml.';
    return isStopping ? 'Trellis is being stopped.' : (options.locked ?? unread);
  }

  function around(): Around {
    return { off: off(), active: runner?.active?.run ?? lost.values().next().value ?? null, endedAt: lastEndedAt };
  }

  function sceneNow(): Scene {
    return { model: model(), now: clock.now(), settings, means };
  }

  function planned(drill: DrillId, target: string | null): Planned {
    const made = planOf(DRILLS[drill], target, sceneNow(), around());
    states.set(made.plan.stateHash, made.state);
    const [oldest] = states.keys();
    if (states.size > PLANS_KEPT && oldest !== undefined) states.delete(oldest);
    return made;
  }

  /** Has everything that the plan rests on told again, if it is older than `oldMs`; waits for as long as a plan lasts. */
  async function lookAgain(drill: DrillId, target: string | null, oldMs: number): Promise<Planned> {
    let made = planned(drill, target);
    if (made.plan.checks.some(({ id }) => id === SOCKETS_GUARD)) await options.lookAtSockets();
    const since = clock.now() - oldMs;
    const until = clock.now() + EVIDENCE_MS;
    const isOld = () => made.aimed?.evidence.some((key) => (model().readings[key]?.at ?? 0) < since) ?? false;
    if (isOld()) options.hurry();
    while (isOld() && clock.now() < until) await pause(LOOK_MS, new AbortController().signal);
    made = planned(drill, target);
    return made;
  }

  async function begin(wish: StartRun, by: StartedBy): Promise<RunAnswer> {
    await recovered;
    await teller.finish();
    const made = await lookAgain(wish.drill, wish.target, 0);
    const { plan, aimed, target, state } = made;
    if (target !== null && wish.typedTarget.trim() !== target.name)
      throw drillError('TARGET_MISMATCH', `Type the name of the target: ${target.name}.`);
    const blocks = plan.checks.filter(({ level }) => level === 'block');
    if (blocks.length > 0 || aimed === null || target === null || runner === null)
      throw drillError('DRILL_REFUSED', `Refused: ${blocks.map(({ text }) => text).join(' ')}`);
    if (plan.stateHash !== wish.planHash) throw changed(states.get(wish.planHash), state);
    const run = newRun(plan, by, clock.now());
    const findings = { before: openFindings(model()).map(findingLine), during: [], after: [] };
    const context = { targetName: target.name, plan, hypothesis: plan.hypothesis, findings, changed: [] };
    said = new Set(sentinelMarks(model(), new Set()).map(markKey));
    startedBy = by;
    await available(runner.begin({ run, aimed, context: { ...context, ownTasks: null, schedule: null } }));
    return answer({ run, context: { ...context, ownTasks: null, schedule: null }, facts: {}, undo: [] }, null);
  }

  async function recordOf(id: string): Promise<RunRecord> {
    await recovered;
    const active = runner?.active;
    // Whoever watches the run under way, or calls it off, must not wait for a disk that hangs.
    if (active?.run.id === id) return active;
    const record = await available(store.load(id));
    if (record === null) throw drillError('RUN_UNKNOWN', `Trellis knows no run ${id}.`);
    return record;
  }

  function answer({ run, context }: RunRecord, other: Run | null): RunAnswer {
    const now = clock.now();
    const comparison = other === null ? null : comparisonOf(run, other, now);
    return { now, run, ...context, sentences: reportSentences(run, context), comparison };
  }

  async function runAnswer(id: string, beside?: string): Promise<RunAnswer> {
    const record = await recordOf(id);
    if (beside === undefined) return answer(record, null);
    const { run: other } = await recordOf(beside);
    if (other.drill !== record.run.drill)
      throw drillError(
        'OTHER_DRILL',
        `${beside} is a run of ${other.drill}: only runs of ${record.run.drill} compare.`,
      );
    return answer(record, other);
  }

  return {
    get active() {
      return runner?.active?.run ?? null;
    },
    get canary() {
      return runner?.canary ?? null;
    },
    async entries() {
      await recovered;
      const earlier = await available(store.list({ limit: TREND_RUNS }));
      const scene = sceneNow();
      return DRILL_IDS.map((id): DrillEntry => {
        const drill = DRILLS[id];
        const mine = earlier.filter((run) => run.drill === id && run.endedAt !== null).slice(0, TREND_LENGTH);
        const trend = mine.map(trendPoint).reverse();
        return { ...drill.info, targets: drill.targets(scene), disabled: off(), last: trend.at(-1) ?? null, trend };
      });
    },
    async plan(drill, target) {
      await recovered;
      return (await lookAgain(drill, target, OLD_MS)).plan;
    },
    async start(wish, by) {
      if (isStarting) throw drillError('DRILL_REFUSED', 'Refused: another drill is being started.');
      isStarting = true;
      try {
        return await begin(wish, by);
      } finally {
        isStarting = false;
      }
    },
    async abort(id, by, reason) {
      const record = await recordOf(id);
      if (runner?.abort(id, `Called off by ${by}: ${reason}`) !== true)
        throw drillError(
          'RUN_ENDED',
          'There is nothing to call off: the run is past its last step, or being taken back.',
        );
      return answer(record, null);
    },
    async undo(id) {
      await recovered;
      await teller.finish();
      const record = await recordOf(id);
      if (record.run.state !== 'lost' || performing === null)
        throw drillError('NOTHING_LEFT', 'This run left nothing that Trellis could take back.');
      const problems: string[] = [];
      const onProblem = (message: string) => void problems.push(message);
      const undone = await untilStop(undoRun(record, { store, performing, onProblem }));
      teller.tell(undone);
      if (undone.run.state === 'lost')
        throw drillError('UNDO_FAILED', problems.at(-1) ?? 'Not everything could be taken back.');
      lost.delete(id);
      show(undone.run);
      return answer(undone, null);
    },
    runs: (query) => available(store.list(query)),
    run: runAnswer,
    async markdown(id, beside) {
      const { run, comparison, ...context } = await runAnswer(id, beside);
      return reportMarkdown(run, context, comparison);
    },
    overview: options.readOverview,
    notice(current, transitions) {
      if (runner === null || runner.active === null) return;
      const fresh = current.sentinels === sentinels ? [] : sentinelMarks(current, said);
      sentinels = current.sentinels;
      for (const mark of fresh) said.add(markKey(mark));
      runner.mark([...transitionMarks(transitions, current), ...fresh]);
    },
    causeOf(current, now) {
      const isCaused = runner?.causes(current, now) ?? null;
      const id = runner?.active?.run.id ?? null;
      return (finding) => (isCaused?.(finding) === true ? id : null);
    },
    get isBusy() {
      return runner?.active != null || takingBack.size > 0;
    },
    async stop() {
      isStopping = true;
      await runner?.stop('Trellis is being stopped.');
      await Promise.allSettled(takingBack);
      await teller.stop();
      await store.close();
    },
  };
}

function newRun(plan: DrillPlan, { id, actor, reason }: StartedBy, now: number): Run {
  const steps = plan.steps.map((step): Run['steps'][number] => ({
    ...{ id: step.id, title: step.title, limitMs: step.limitMs },
    ...{ state: 'waiting', startedAt: null, endedAt: null, says: '' },
  }));
  return {
    ...{ id, drill: plan.drill, target: plan.target, actor, reason, state: 'running', verdict: null, because: [] },
    ...{ startedAt: now, faultAt: null, endedAt: null, steps, checks: plan.checks },
    ...{ outages: [], ledger: NO_CANARIES, marks: [], undoLeft: [] },
  };
}

function changed(before: State | undefined, after: State): Error {
  const changes = before === undefined ? [] : changesBetween(before, after);
  const what = changes.length === 0 ? 'It is another plan than the one that was read.' : `${changes.join('; ')}.`;
  return drillError('STATE_CHANGED', `The estate has changed since the plan was made. ${what} Read the plan again.`);
}

async function available<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw drillError('RUNS_UNAVAILABLE', (error as Error).message);
  }
}
