/** WorkerSilent: a worker's heartbeats have stopped, and it said no good-bye. */
import { formatAge, formatMoment } from '#lib/format/quantity.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { Rule } from '#server/model/rule.ts';
import { heardWorkers, needsOf } from './shared.ts';

export const workerSilent: Rule = {
  code: 'WorkerSilent',
  severity: 'warning',
  posture: false,
  holdMs: 1_000,
  means:
    'A worker sends no heartbeats any more, and did not say good-bye: it was killed, it hangs, or it is cut off from the broker. Its consumers may still be registered there, and then tasks go on being handed to it. A worker with the pool `solo` is silent while it works on a long task.',
  mend: 'See on its host whether it runs. Restart one that hangs: the broker then hands the tasks that it did not acknowledge to other workers.',
  find(model, now) {
    return heardWorkers(model, now)
      .filter(({ state }) => state === 'silent')
      .map((worker) => {
        const { id, host, by, since, heartbeatAt } = worker;
        const connected = isConnected(id, model, now);
        const last =
          heartbeatAt === null ? 'no heartbeat since Trellis runs' : `last heartbeat ${formatMoment(heartbeatAt)}`;
        const broker = model.workers[id];
        return {
          subject: { kind: 'celeryWorkers', id },
          text: `The worker ${id} is silent${connected ? ', and the broker still has its connection: it hangs, or is cut off' : ': its heartbeats stopped without a good-bye'}.`,
          evidence: [
            { by, says: `${last}, silent for ${formatAge(now - since)}` },
            ...(connected && broker !== undefined ? [{ by: broker.by, says: `${id} is connected` }] : []),
          ],
          advice: {
            text: `Look${host === null ? '' : ` on ${host}`} whether it runs, and restart it if it does not answer.`,
            command: null,
          },
          // A worker that left the broker is silent too: that says more.
          because: [...needsOf(worker, model), ...(connected ? [] : [{ kind: 'workers', id } as const])],
        };
      });
  },
};

function isConnected(id: string, model: Model, now: number): boolean {
  const worker = model.workers[id];
  return worker !== undefined && worker.goneSince === null && isCurrent(model.readings[worker.by], now);
}
