/** WorkerGone: a worker has left the broker. */
import { formatMoment } from '#lib/format/quantity.ts';
import type { Model } from '#lib/model/model.ts';
import type { Worker } from '#lib/model/rabbitmq.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { goneWorkers, needsOf } from './workers.ts';

export const workerGone: Rule = {
  code: 'WorkerGone',
  severity: 'warning',
  posture: false,
  holdMs: 5_000,
  means:
    'A worker that was seen has no connection to the broker any more: its process ended, or it cannot reach the broker. With late acknowledgement its tasks go to other workers; otherwise those that it had begun are lost.',
  mend: 'Start the worker again; its own log says why it ended. A worker that was taken away for good is acknowledged.',
  find(model, now) {
    return goneWorkers(model, now).map((worker) => found(worker, model, now));
  },
};

function found(worker: Worker, model: Model, now: number): Found {
  const { id, host, by, goneSince } = worker;
  const since = goneSince === null ? '' : ` since ${formatMoment(goneSince)}`;
  return {
    subject: { kind: 'workers', id },
    text: `The worker ${id} is gone: the broker has no connection of it.`,
    evidence: [{ by, says: `no queue ${id}.celery.pidbox${since}` }],
    advice: {
      text: `Start it again${host === null ? '' : ` on ${host}`}; its log there says why it ended. If it was taken away for good, acknowledge this.`,
      command: null,
    },
    because: needsOf(worker, model, now),
  };
}
