/** WorkerIdle: a worker lives and consumes nothing. */
import type { Rule } from '#server/model/rule.ts';
import { shellWord } from './words.ts';
import { CONSUMERS, idleWorkers, needsOf } from './workers.ts';

export const workerIdle: Rule = {
  code: 'WorkerIdle',
  severity: 'warning',
  posture: false,
  holdMs: 10_000,
  means:
    'A worker is connected and answers remote control, but consumes from no queue of tasks: somebody cancelled its consumers, or it lost them when the broker failed over. It looks alive, and works on nothing.',
  mend: 'Tell it to consume again (`celery control add_consumer <queue>`), or restart it.',
  find(model, now) {
    // What its fellows consume; else Celery's own default.
    const queue = Object.values(model.workers).flatMap(({ queues }) => queues ?? [])[0] ?? 'celery';
    return idleWorkers(model, now).map((worker) => ({
      subject: { kind: 'workers', id: worker.id },
      text: `The worker ${worker.id} is connected and consumes from no queue.`,
      evidence: [
        { by: worker.by, says: `${worker.id} is connected` },
        { by: CONSUMERS, says: `${worker.id} consumes nothing` },
      ],
      advice: {
        text: 'Let it consume again, with the -A or -b of your workers, or restart it.',
        command: `celery control -d ${shellWord(worker.id)} add_consumer ${shellWord(queue)}`,
      },
      because: needsOf(worker, model, now),
    }));
  },
};
