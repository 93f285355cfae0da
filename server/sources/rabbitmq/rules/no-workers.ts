/** NoWorkers: nobody works on tasks. */

import { someOf } from '#lib/format/list.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import type { Rule } from '#server/model/rule.ts';
import { ailingNodes, CLUSTER, nodeSubjects } from './broker-nodes.ts';
import { CONSUMERS, goneWorkers, idleWorkers } from './workers.ts';

export const noWorkers: Rule = {
  code: 'NoWorkers',
  severity: 'critical',
  posture: false,
  holdMs: 3_000,
  means: 'Every worker that was seen is gone or consumes nothing: tasks pile up in the queues and nobody runs them.',
  mend: 'Start the workers. When all went at once, look first at what they share: the broker, its proxies, the last deployment.',
  find(model, now) {
    const gone = goneWorkers(model, now);
    const idle = idleWorkers(model, now);
    const known = Object.keys(model.workers).length;
    if (known === 0 || gone.length + idle.length < known) return [];
    const parts = [
      ...(gone.length > 0 ? [`${someOf(gone.map(({ id }) => id))} ${gone.length === 1 ? 'is' : 'are'} gone`] : []),
      ...(idle.length > 0
        ? [`${someOf(idle.map(({ id }) => id))} ${idle.length === 1 ? 'consumes' : 'consume'} nothing`]
        : []),
    ];
    return [
      {
        subject: CLUSTER,
        text: `No worker works on tasks: ${parts.join(', and ')}.`,
        evidence: [
          ...gone.map(({ by, id }) => ({ by, says: `${id} is gone` })),
          ...idle.map(({ id }) => ({ by: CONSUMERS, says: `${id} consumes nothing` })),
        ],
        advice: {
          text: 'Start the workers, and look first at what they share: broker, proxies, deployment.',
          command: null,
        },
        because: [
          ...nodeSubjects(ailingNodes(model, now), model),
          ...[...gone, ...idle].flatMap(({ host }) => hostSubjects(host)),
        ],
      },
    ];
  },
};
