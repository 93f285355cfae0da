/** For tests: drills on an estate in memory, with a clock that moves only as far as it is waited for. */
import { setImmediate } from 'node:timers/promises';
import type { DrillId, Outage, Run } from '#lib/model/drill.ts';
import type { Role } from '#lib/permissions.ts';
import type { EstateActions } from '#server/actions/estate-actions.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { NOW } from '#server/sources/told-estate.ts';
import type { Canary } from './canary.ts';
import { type DrillSettings, drillsConfig } from './config.ts';
import { createDrills, type Drills, type StartedBy } from './drills.ts';
import { type MemoryRuns, memoryRuns } from './memory-runs.ts';
import { NO_CANARIES } from './run-record.ts';
import { type SimulatedEstate, simulatedEstate } from './simulated-estate.ts';
import { createSockets } from './sockets.ts';

const SETTINGS = drillsConfig.parse({ coolDownSeconds: 0 });
export const PROXIES = ['haproxy-1', 'haproxy-2', 'haproxy-3'];
/** Those whose whole course the estate in memory can play. */
export const PLAYED = [
  'redis-switch',
  'redis-failover',
  'redis-crash',
  'redis-hang',
  'broker-switch',
  'queue-leader-move',
  'beat-handover',
] as const;
const STEP_MS = 25;
const LONGEST_MS = 120_000;

/** A Trellis with its estate, its clock and all that it told. */
export type Bench = {
  clock: ReturnType<typeof manualClock>;
  estate: SimulatedEstate;
  store: MemoryRuns;
  drills: Drills;
  problems: string[];
  ended: Run[];
  /** Who started each of them. */
  startedBy: StartedBy[];
};

function canary(outages: readonly Outage[] = []): Canary {
  const counts = { ...NO_CANARIES, published: 100, confirmed: 100, executed: 100 };
  return {
    ...{
      idStart: 'trellis-test-',
      counts,
      outages,
      unmeasured: [],
      stoodStillMs: 0,
      judged: { lost: [], repeated: [], resultsLost: [] },
    },
    ...{ noteEvent() {}, noteAlive() {}, noteTick() {}, async finish() {}, async close() {} },
  };
}

/** A Trellis on a fresh estate. */
export function bench(
  more: { settings?: DrillSettings; onRun?: (run: Run, drills: () => Drills) => void; outages?: Outage[] } = {},
): Bench {
  const clock = manualClock(NOW);
  const estate = simulatedEstate(clock);
  return boot({ clock, estate, store: memoryRuns(), actions: estate.actions, ...more });
}

/** A Trellis that starts on this estate and these runs. */
export function boot({
  clock,
  estate,
  store,
  actions,
  settings = SETTINGS,
  onRun = () => {},
  outages = [],
}: Pick<Bench, 'clock' | 'estate' | 'store'> & {
  actions: EstateActions;
  settings?: DrillSettings;
  onRun?: (run: Run, drills: () => Drills) => void;
  outages?: Outage[];
}): Bench {
  const problems: string[] = [];
  const ended: Run[] = [];
  const startedBy: StartedBy[] = [];
  const sockets = createSockets(PROXIES, (proxy, signal) => actions.haproxy.level(proxy, signal));
  const drills: Drills = createDrills({
    ...{ settings, store, actions, clock, model: estate.model, locked: null, vhosts: ['/'] },
    means: {
      rabbitmq: true,
      entrances: true,
      socketProblem: sockets.problem,
      verbs: actions.executor.verbs,
      preview: actions.executor.preview,
    },
    lookAtSockets: sockets.look,
    openCanary: () => canary(outages),
    readOverview: async () => ({ at: NOW, rows: [] }),
    account: async () => ({ ownTasks: null, schedule: null }),
    hurry() {},
    onRun: (run) => onRun(run, () => drills),
    onEnd(run, by) {
      ended.push(run);
      startedBy.push(by);
    },
    onProblem: (message) => void problems.push(message),
  });
  return { clock, estate, store, drills, problems, ended, startedBy };
}

/** Moves the clock until it is so. */
export async function until(clock: Bench['clock'], isSo: () => boolean, limitMs = LONGEST_MS): Promise<void> {
  for (let ms = 0; ms < limitMs; ms += STEP_MS) {
    await setImmediate();
    if (isSo()) return;
    clock.advance(STEP_MS);
  }
  throw new Error('it never came to that');
}

/** What the work comes to, while the clock moves. */
export async function settledIn<T>(clock: Bench['clock'], work: Promise<T>): Promise<T> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  work.then(over, over);
  await until(clock, () => isOver);
  return work;
}

/** Plans the drill at its likeliest target, and starts it. */
export async function start(
  { drills, clock }: Bench,
  drill: DrillId,
  id = 'run-1',
  role: Role = 'admin',
): Promise<void> {
  const plan = await settledIn(clock, drills.plan(drill, null));
  const target = (await drills.entries())
    .find((one) => one.id === drill)
    ?.targets.find((one) => one.id === plan.target);
  const wish = { drill, target: plan.target, typedTarget: target?.name ?? '', planHash: plan.stateHash };
  await settledIn(clock, drills.start(wish, { id, actor: 'ada', role, reason: 'to see it' }));
}

/** The run, once it is over. */
export async function played(one: Bench, drill: DrillId): Promise<Run> {
  await start(one, drill);
  await until(one.clock, () => one.ended.length > 0);
  return one.ended[0] as Run;
}

/** A Trellis that ends after so many saves, or so many changes of the estate: nothing of it reaches anything any more. */
export async function killedAt(drill: DrillId, point: { save: number; call: number }) {
  const clock = manualClock(NOW);
  const estate = simulatedEstate(clock);
  const store = memoryRuns();
  const never = new Promise<never>(() => {});
  let dead = false;
  const isDead = () => dead || store.saved.length >= point.save || estate.calls.length >= point.call;
  const actions = new Proxy(estate.actions, {
    get: (target, system: keyof EstateActions) =>
      new Proxy(target[system], {
        get: (verbs, verb) => {
          const real = Reflect.get(verbs, verb) as (...args: unknown[]) => unknown;
          if (verb === 'verbs' || verb === 'preview') return real;
          return async (...args: unknown[]) => {
            if (isDead()) return never;
            const done = await real(...args);
            return isDead() ? never : done;
          };
        },
      }),
  });
  const dying: MemoryRuns = {
    ...store,
    saved: store.saved,
    save: async (record) => (isDead() ? never : store.save(record)),
  };
  const one = boot({ clock, estate, store: dying, actions });
  await start(one, drill).catch(() => {});
  await until(clock, isDead);
  dead = true;
  return { clock, estate, store, isDead };
}
