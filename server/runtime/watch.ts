/** The watch: scheduler → fold → what is noticed and judged → hub, and a tick so that silence alone is noticed too. */
import type { Host, Model } from '#lib/model/model.ts';
import type { Transition } from '#lib/model/transition.ts';
import { type FoldState, fold, type Reducers, startFold } from '#server/model/fold.ts';
import type { Observation } from '#server/model/observation.ts';
import { createScheduler, type Scheduler } from '#server/sources/scheduler.ts';
import type { Source } from '#server/sources/source.ts';

export type WatchOptions = {
  hosts: Readonly<Record<string, Host>>;
  sources: readonly Source[];
  /** What the model at `now` (epoch ms) adds to the timeline. */
  notice(model: Model, now: number): readonly Transition[];
  /** Puts findings and forecasts into the model; `news` = something changed on the timeline just now. */
  judge?(model: Model, now: number, news: boolean): Model;
  publish(model: Model, transitions: readonly Transition[]): void;
  clock: () => number;
  /** Sees every observation before it is folded; for recordings. */
  onObservation?(observation: Observation): void;
};

export type Watch = {
  /** With findings and forecasts, where something judges. */
  readonly model: Model;
  /** Has every source asked at once, and often for a few seconds. */
  hurry(): void;
  stop(): void;
};

const TICK_MS = 1_000;

/** Starts watching; returns at once, before the first answer. */
export function startWatch(options: WatchOptions): Watch {
  const { sources, clock } = options;
  const idle = () => ({});
  const reducers = {
    ...{ rabbitmq: idle, redis: idle, haproxy: idle, consul: idle, celery: idle },
    ...Object.fromEntries(sources.map((source) => [source.kind, source.reduce])),
  } as Reducers;
  let state: FoldState = startFold(options.hosts, reducers);

  let judged = state.model;

  /** Waits for the end of this turn of the event loop. */
  let waiting: NodeJS.Immediate | undefined;
  let newestAt = Number.NEGATIVE_INFINITY;

  function notice(now: number): void {
    clearImmediate(waiting);
    waiting = undefined;
    const transitions = options.notice(state.model, now);
    judged = options.judge?.(state.model, now, transitions.length > 0) ?? state.model;
    options.publish(judged, transitions);
  }

  function observe(observation: Observation): void {
    options.onObservation?.(observation);
    const next = fold(state, observation, reducers);
    if (next === state) return;
    state = next;
    newestAt = Math.max(newestAt, observation.at);
    // Once for all that came in this turn: where the machine is short of time, many come at once.
    waiting ??= setImmediate(() => notice(newestAt));
    discover(observation.source);
  }

  function discover(kind: Source['kind']): void {
    const source = sources.find((one) => one.kind === kind);
    const scheduler = schedulers.get(kind);
    for (const found of source?.discover?.(state.model) ?? []) {
      if (scheduler?.watches(found.id) === false) scheduler.watch([found.open()]);
    }
  }

  options.publish(state.model, []);
  const schedulers = new Map<Source['kind'], Scheduler>();
  for (const source of sources) {
    const scheduler = createScheduler(source, observe, { now: clock, random: Math.random });
    schedulers.set(source.kind, scheduler);
    scheduler.watch(source.endpoints);
  }
  const tick = setInterval(() => notice(clock()), TICK_MS);
  return {
    get model() {
      return judged;
    },
    hurry() {
      for (const scheduler of schedulers.values()) scheduler.hurry();
    },
    stop() {
      clearInterval(tick);
      clearImmediate(waiting);
      for (const scheduler of schedulers.values()) scheduler.stop();
    },
  };
}
