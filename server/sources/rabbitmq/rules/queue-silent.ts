/** QueueSilent: a queue whose process does not answer, on a node that runs. */
import type { Rule } from '#server/model/rule.ts';
import { ailingNodes, CLUSTER, nodeNames, nodeSubjects } from './broker-nodes.ts';
import { agree, evidenceOf, figuresTold, queuesText, surveyQueues } from './queue-survey.ts';

export const queueSilent: Rule = {
  code: 'QueueSilent',
  severity: 'critical',
  posture: false,
  // Queues of a node that has just started tell their figures after some seconds.
  holdMs: 20_000,
  means:
    'Queues that tell no figures while others do, though their leaders run: the process of such a queue is stuck or has crashed, and publishing and consuming stand still there. Mirrored queues of RabbitMQ 3 can end so when nodes lost sight of each other and met again.',
  mend: 'Look for the queue in the log of the node that leads it. Restarting that node makes another copy the leader; where that does not help, delete the queue and declare it again: its messages are lost.',
  find(model, now) {
    const silent = surveyQueues(model, now)?.silent;
    if (silent === undefined || silent.count === 0 || !figuresTold(silent, model, now)) return [];
    const leaders = [...new Set(silent.some.flatMap(({ replication: { leader } }) => leader ?? []))];
    const names = nodeNames(leaders, model);
    return [
      {
        subject: CLUSTER,
        text: `${queuesText(silent)} ${agree(silent, 'does', 'do')} not answer on ${names}: publishing and consuming may stand still there.`,
        evidence: evidenceOf(silent, () => 'no figures', 'figuresBy'),
        advice: {
          text: `Look for ${agree(silent, 'it', 'them')} in the log of ${names}; restarting that node makes another copy the leader.`,
          command: null,
        },
        because: nodeSubjects(ailingNodes(model, now), model),
      },
    ];
  },
};
