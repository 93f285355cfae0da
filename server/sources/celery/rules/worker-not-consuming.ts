/** WorkerNotConsuming: a worker sends heartbeats, and the broker has no consumer of it. */
import { isCurrent } from '#lib/model/freshness.ts';
import type { Rule } from '#server/model/rule.ts';
import { needsOf, onlineWorkers } from './shared.ts';

export const workerNotConsuming: Rule = {
  code: 'WorkerNotConsuming',
  severity: 'warning',
  posture: false,
  holdMs: 10_000,
  means:
    'A worker sends heartbeats, and the broker has neither its remote control nor a consumer of it: it lost them when the broker failed over and did not come back for them. It looks alive in every monitor that counts heartbeats, and works on nothing.',
  mend: 'Restart it. Celery versions before 5.3 are known for this after a broker failover.',
  find(model, now) {
    return onlineWorkers(model, now).flatMap((worker) => {
      const { id, by, host } = worker;
      const broker = model.workers[id];
      // One that is connected and consumes nothing is WorkerIdle's.
      if (broker === undefined || broker.goneSince === null || !isCurrent(model.readings[broker.by], now)) return [];
      return [
        {
          subject: { kind: 'celeryWorkers', id } as const,
          text: `The worker ${id} sends heartbeats, but the broker has no consumer of it: it works on nothing.`,
          evidence: [
            { by, says: `${id} sends heartbeats` },
            { by: broker.by, says: `no queue ${id}.celery.pidbox` },
          ],
          advice: { text: `Restart it${host === null ? '' : ` on ${host}`}.`, command: null },
          because: needsOf(worker, model),
        },
      ];
    });
  },
};
