/** Drills, put together from the configuration; they connect when somebody drills. */
import { join } from 'node:path';
import type { Run } from '#lib/model/drill.ts';
import type { Model } from '#lib/model/model.ts';
import { type Locks, type Role, startActionOf } from '#lib/permissions.ts';
import { createEstateActions } from '#server/actions/create-estate-actions.ts';
import type { Audit, AuditNote } from '#server/audit/audit.ts';
import { proxiesWithSocket } from '#server/config/acting.ts';
import type { LoadedConfig } from '#server/config/load.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { canaryOptions } from './canary-options.ts';
import type { Means } from './drill.ts';
import { createDrills, type Drills } from './drills.ts';
import { OVERVIEW_FILE, readOverview } from './overview.ts';
import { type CanaryEvents, startProbedCanary } from './probes.ts';
import { countSchedule } from './schedule-count.ts';
import { settledTasks } from './settled-tasks.ts';
import { createSockets } from './sockets.ts';
import { sqliteRuns } from './sqlite/store.ts';

export type StartDrillsOptions = {
  config: LoadedConfig;
  model(): Model;
  clock: TimerClock;
  locks: Locks;
  audit: Pick<Audit, 'append'>;
  /** null = tasks are not taken in. */
  tasks: TaskReader | null;
  /** Who tells the events of canaries; null as above. */
  events: CanaryEvents | null;
  hurry(): void;
  onRun(run: Run): void;
  /** For the log. */
  onProblem(message: string): void;
};

/** Clears up what runs of before left, at once; else nothing happens until somebody drills. */
export function startDrills({ config, locks, audit, tasks, events, ...rest }: StartDrillsOptions): Drills {
  const { model, clock, hurry, onRun, onProblem } = rest;
  const settings = config.drills;
  const actions = createEstateActions({ config, commands: settings.executor.command, model, clock });
  const sockets = createSockets(proxiesWithSocket(config), async (proxy, signal) =>
    actions === null ? null : actions.haproxy.level(proxy, signal),
  );
  const means: Means = {
    rabbitmq: config.acting?.rabbitmq !== undefined,
    entrances: canaryOptions(config, { queues: [], perSecond: settings.canary.perSecond }) !== null,
    socketProblem: sockets.problem,
    verbs: (target) => actions?.executor.verbs(target) ?? [],
    preview: (verb, target) => actions?.executor.preview(verb, target) ?? [],
  };
  return createDrills({
    ...{ settings, means, actions, clock, model, hurry, onRun, onProblem, locked: lockOf(locks) },
    lookAtSockets: sockets.look,
    store: sqliteRuns(join(config.dataDir, 'drills.db')),
    readOverview: () => readOverview(join(config.dataDir, OVERVIEW_FILE)),
    vhosts: config.rabbitmq?.vhosts ?? [],
    openCanary(queues) {
      const options = canaryOptions(config, { queues, perSecond: settings.canary.perSecond });
      const log = (message: string) => onProblem(`canary: ${message}`);
      const workers = () => Object.values(model().celeryWorkers);
      return options === null ? null : startProbedCanary(options, { events, tasks, workers }, clock, log);
    },
    async account(run, signal) {
      if (tasks === null || run.faultAt === null) return { ownTasks: null, schedule: null };
      const [own, schedule] = await Promise.allSettled([
        settledTasks(tasks, run.faultAt, { model, clock, signal }),
        countSchedule(run, tasks, model(), clock.now()),
      ]);
      for (const one of [own, schedule]) if (one.status === 'rejected') onProblem(`account: ${one.reason}`);
      return {
        ownTasks: own.status === 'fulfilled' ? own.value : null,
        schedule: schedule.status === 'fulfilled' ? schedule.value : null,
      };
    },
    onEnd: (run, { role }) =>
      void audit.append(endOf(run, role)).catch((error: Error) => onProblem(`audit: ${error.message}`)),
  });
}

/** Why nobody may drill; null = they may. Forced drills can be disabled by themselves: those the gate refuses. */
export function lockOf({ readOnly, disabled }: Locks): string | null {
  if (readOnly) return 'Trellis is read-only.';
  return disabled.includes('drill.run') ? 'drill.run is disabled in trellis.yaml.' : null;
}

/** The end of a run, in the audit beside its beginning; `role` is of who started it. */
export function endOf(run: Run, role: Role): AuditNote {
  const { id, actor, drill, target, reason, state, verdict, because } = run;
  return {
    ...{ request: id, phase: 'after', actor, role, action: startActionOf(drill), reason },
    target: targetOfRun(drill, target),
    details: { state, verdict, because },
    outcome: verdict === 'held' ? 'verified' : verdict === 'failed' ? 'failed' : 'not-verified',
  };
}

/** What a run is about, in the audit. */
export function targetOfRun(drill: string, target: string | null): string {
  return `drills/${drill}${target === null ? '' : `/${target}`}`;
}
