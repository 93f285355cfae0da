/** QueueNotReplicated: the cluster has several nodes, and these queues live on one. */
import type { Advice } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import type { Rule } from '#server/model/rule.ts';
import { CLUSTER, mayMirror, nodeNames } from './broker-nodes.ts';
import { agree, type Bundle, evidenceOf, queuesText, surveyQueues } from './queue-survey.ts';
import { shellWord } from './words.ts';

export const queueNotReplicated: Rule = {
  code: 'QueueNotReplicated',
  severity: 'warning',
  posture: true,
  holdMs: 10_000,
  means:
    'Durable queues of tasks with one copy, though the cluster has several nodes: when the node of such a queue goes, nobody can publish to it or consume from it until it is back.',
  mend: 'Make them quorum queues (with Celery 5.5: `task_default_queue_type = "quorum"`), which takes a new declaration. On RabbitMQ 3 a policy with `ha-mode` mirrors queues as they are.',
  find(model, now) {
    const single = surveyQueues(model, now)?.unreplicated;
    if (single === undefined || single.count === 0 || Object.keys(model.brokerNodes).length < 2) return [];
    return [
      {
        subject: CLUSTER,
        text: `${queuesText(single)} ${agree(single, 'has', 'have')} a single copy, on ${nodeNames(single.holders, model)}: without that node ${agree(single, 'it stands', 'they stand')} still.`,
        evidence: evidenceOf(single, ({ replication: { leader } }) => `one copy, on ${leader ?? 'no node'}`),
        advice: adviceOf(single, model),
      },
    ];
  },
};

function adviceOf({ some: [first] }: Bundle, model: Model): Advice {
  if (first?.replication.kind === 'quorum') {
    const other = Object.keys(model.brokerNodes).find((id) => !first.replication.members.includes(id));
    return {
      text: 'Give each of them members on other nodes, three in all.',
      command:
        other === undefined
          ? null
          : `rabbitmq-queues add_member --vhost ${shellWord(first.vhost)} ${shellWord(first.name)} ${other}`,
    };
  }
  if (first?.type !== 'classic' || !mayMirror(model)) {
    return { text: 'Declare them anew as quorum queues, or as streams with several members.', command: null };
  }
  if (first.policy !== null) {
    return { text: `Add ha-mode and ha-sync-mode to the policy ${first.policy}, which they follow.`, command: null };
  }
  return {
    text: 'Mirror them, until they become quorum queues.',
    command: `rabbitmqctl set_policy -p ${shellWord(first.vhost)} --apply-to queues ha-all '.*' '{"ha-mode":"all","ha-sync-mode":"automatic","ha-promote-on-failure":"when-synced"}'`,
  };
}
