/** MirrorsEndWithRabbitMq4: mirrored queues have no future. */
import type { Rule } from '#server/model/rule.ts';
import { CLUSTER } from './broker-nodes.ts';
import { agree, evidenceOf, queuesText, surveyQueues } from './queue-survey.ts';

export const mirrorsEndWithRabbitMq4: Rule = {
  code: 'MirrorsEndWithRabbitMq4',
  severity: 'info',
  posture: true,
  means:
    'Classic mirrored queues are gone in RabbitMQ 4: it ignores `ha-*` in policies, so that after the upgrade every such queue has one copy.',
  mend: 'Move to quorum queues before the upgrade. A queue cannot change its type: drain it, delete it, and declare it anew (with Celery 5.5: `task_default_queue_type = "quorum"`).',
  find(model, now) {
    const mirrored = surveyQueues(model, now)?.mirrored;
    if (mirrored === undefined || mirrored.count === 0) return [];
    return [
      {
        subject: CLUSTER,
        text: `${queuesText(mirrored)} ${agree(mirrored, 'is a classic mirrored queue, which has', 'are classic mirrored queues, which have')} one copy only in RabbitMQ 4.`,
        evidence: evidenceOf(mirrored, ({ policy }) => `mirrored${policy === null ? '' : ` by the policy ${policy}`}`),
        advice: { text: 'Move to quorum queues before you upgrade to RabbitMQ 4.', command: null },
      },
    ];
  },
};
