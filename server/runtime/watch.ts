/** The watch: scheduler → fold → transitions → hub, and a tick so that silence alone is noticed too. */
import type { Host, Model } from '#lib/model/model.ts';
import type { Transition } from '#lib/model/transition.ts';
import { factsOf } from '#server/model/facts.ts';
import { type FoldState, fold, type Reducers, startFold } from '#server/model/fold.ts';
import type { Observation } from '#server/model/observation.ts';
import { type KnownFacts, stepTransitions } from '#server/model/transitions.ts';
import { createScheduler } from '#server/sources/scheduler.ts';
import type { Source } from '#server/sources/source.ts';

export type WatchOptions = {
  hosts: Readonly<Record<string, Host>>;
  sources: readonly Source[];
  publish(model: Model, transitions: readonly Transition[]): void;
  clock: () => number;
};

export type Watch = { readonly model: Model; stop(): void };

const TICK_MS = 1_000;

/** Starts watching; returns at once, before the first answer. */
export function startWatch(options: WatchOptions): Watch {
  const { sources, clock } = options;
  const idle = () => ({});
  const reducers = {
    ...{ rabbitmq: idle, redis: idle, haproxy: idle, consul: idle },
    ...Object.fromEntries(sources.map((source) => [source.kind, source.reduce])),
  } as Reducers;
  let state: FoldState = startFold(options.hosts, reducers);
  let known: KnownFacts = new Map();
  let lastTransitionId = 0;

  function notice(now: number): void {
    const step = stepTransitions(known, factsOf(state.model, now), now);
    known = step.known;
    const transitions = step.transitions.map((transition) => ({ ...transition, id: ++lastTransitionId }));
    options.publish(state.model, transitions);
  }

  function observe(observation: Observation): void {
    const next = fold(state, observation, reducers);
    if (next === state) return;
    state = next;
    notice(observation.at);
    discover(observation.source);
  }

  function discover(kind: Source['kind']): void {
    const source = sources.find((one) => one.kind === kind);
    for (const found of source?.discover?.(state.model) ?? []) {
      if (!scheduler.watches(kind, found.id)) scheduler.watch(kind, [found.open()]);
    }
  }

  options.publish(state.model, []);
  const scheduler = createScheduler(observe, clock);
  for (const source of sources) scheduler.watch(source.kind, source.endpoints);
  const tick = setInterval(() => notice(clock()), TICK_MS);
  return {
    get model() {
      return state.model;
    },
    stop() {
      clearInterval(tick);
      scheduler.stop();
    },
  };
}
