/** QueueWithoutConsumers: tasks wait, and nobody takes them. */

import { formatCount } from '#lib/format/quantity.ts';
import type { Subject } from '#lib/model/transition.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import type { Rule } from '#server/model/rule.ts';
import { ailingNodes, CLUSTER, nodeSubjects } from './broker-nodes.ts';
import { agree, evidenceOf, figuresTold, queuesText, surveyQueues } from './queue-survey.ts';
import { shellWord } from './words.ts';
import { goneWorkers, idleWorkers } from './workers.ts';

export const queueWithoutConsumers: Rule = {
  code: 'QueueWithoutConsumers',
  severity: 'critical',
  posture: false,
  holdMs: 5_000,
  means:
    'Durable queues with tasks in them that no worker consumes: these tasks do not run. The worker for them is gone, was started with other queues (`-Q`), or somebody publishes to a misspelt queue.',
  mend: 'Start a worker for these queues (`celery worker -Q <queue>`), or let a running one consume them (`celery control add_consumer <queue>`). If nobody should publish there, correct the route and delete the queue.',
  find(model, now) {
    const waiting = surveyQueues(model, now)?.unconsumed;
    const [first] = waiting?.some ?? [];
    if (waiting === undefined || first === undefined || !figuresTold(waiting, model, now)) return [];
    const gone = goneWorkers(model, now);
    const nobody = gone.length + idleWorkers(model, now).length === Object.keys(model.workers).length;
    // A worker that left long ago need not be why: its queues are not known any more.
    const left = nobody ? gone.map(({ id }): Subject => ({ kind: 'workers', id })) : [];
    return [
      {
        subject: CLUSTER,
        text: `${queuesText(waiting)} ${agree(waiting, 'has', 'have')} no consumer, and ${formatCount(waiting.ready ?? 0, 'task waits', 'tasks wait')} there.`,
        evidence: evidenceOf(waiting, ({ ready }) => `${ready} ready, 0 consumers`, 'figuresBy'),
        advice: {
          text: 'Start a worker for it, or let the running ones consume it too (with the -A or -b of your workers).',
          command: `celery control add_consumer ${shellWord(first.name)}`,
        },
        because: [
          ...nodeSubjects(ailingNodes(model, now), model),
          ...gone.flatMap(({ host }) => hostSubjects(host)),
          ...left,
        ],
      },
    ];
  },
};
