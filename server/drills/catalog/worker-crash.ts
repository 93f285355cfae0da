/** worker-crash: a worker and its pool are killed with tasks in flight. */

import type { DrillTarget } from '#lib/contract/drills.ts';
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import { workerStatus } from '#lib/model/status.ts';
import type { Drill, Scene } from '#server/drills/drill.ts';
import { bystandersStand, commandsFor } from '#server/drills/guards.ts';
import { lateAcks, otherWorkers } from '#server/drills/other-guards.ts';
import { workersConsume } from './broker-parts.ts';
import { command, promise, promiseOf, seen, stay, watch } from './kit.ts';

const info: DrillInfo = {
  ...{ id: 'worker-crash', title: 'Kill a worker', risk: DRILL_RISK['worker-crash'], targetKind: 'workers' },
  proves: 'Tasks that a dying worker had in hand are run by another one where they are acknowledged late.',
  needsExecutor: true,
  hypothesis: promise('the other workers', {
    ...{ lost: 0, resultsLost: 0 },
    because: 'A task that ran and was not acknowledged yet runs again; with early acks it is lost instead.',
    outageMs: { publish: 0, execute: 3_000, result: 3_000 },
  }),
};

/** The drill. */
export const workerCrash: Drill = {
  info,
  targets({ model, now }: Scene): DrillTarget[] {
    return Object.values(model.workers)
      .filter(({ goneSince }) => goneSince === null)
      .map((worker): DrillTarget => {
        const active = model.celeryWorkers[worker.id]?.active ?? null;
        const { word } = workerStatus(worker, model, now);
        const role = active === null ? word : `${word}, ${active} in hand`;
        return { kind: 'workers', id: worker.id, name: worker.id, role, host: worker.host };
      });
  },
  aim(id: string, scene: Scene) {
    const worker = Object.hasOwn(scene.model.workers, id) ? scene.model.workers[id] : undefined;
    if (worker === undefined) return null;
    const { means, model } = scene;
    const process = { kind: 'workers', id, host: worker.host };
    const start = command('start', process, means);
    const others = Object.values(model.workers).filter((one) => one.id !== id && one.goneSince === null);
    return {
      hypothesis: promiseOf(info, others.map((one) => one.id).join(', ') || 'nobody'),
      steps: [
        {
          ...{ id: 'kill', title: `Kill ${id} and its pool`, limitMs: 15_000, isFault: true, isPointOfNoReturn: true },
          calls: () => [[command('kill', process, means)]],
          undo: () => [start],
        },
        watch({
          ...{ id: 'gone', title: 'The broker takes its tasks back', limitMs: 60_000 },
          check: ({ model: live }) => {
            const isGone = live.workers[id]?.goneSince !== null;
            return seen(isGone, `${id} has left every queue.`, `${id} still stands among the consumers.`);
          },
        }),
        stay('stay', `Work without ${id}`, 5_000),
        {
          ...{ id: 'start', title: `Start ${id} again`, limitMs: 30_000 },
          calls: () => [[start]],
          undo: () => [],
        },
        workersConsume(scene, 90_000),
      ],
      timeline: [
        { afterMs: 100, text: 'Its connection is reset; what it had not acknowledged is given to others.' },
        { afterMs: 2_000, text: 'The other workers have taken it up.' },
      ],
      warnings: ['Tasks that it had in hand end in the middle, and run again or not at all.'],
      guards: [otherWorkers(id), lateAcks, commandsFor(['kill', 'start'], process)],
      holds: [bystandersStand([])],
      ...{ evidence: [worker.by], disturbs: [{ kind: 'workers', id }], failing: { kind: 'workers', id } },
    };
  },
};
