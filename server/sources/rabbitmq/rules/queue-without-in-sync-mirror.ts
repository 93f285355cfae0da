/** QueueWithoutInSyncMirror: one copy is left. */
import type { Rule } from '#server/model/rule.ts';
import { nodeNames } from './broker-nodes.ts';
import { copiesFound } from './copies-finding.ts';
import { agree, messagesText, queuesText, surveyQueues } from './queue-survey.ts';

export const queueWithoutInSyncMirror: Rule = {
  code: 'QueueWithoutInSyncMirror',
  severity: 'warning',
  posture: false,
  means:
    'Mirrored queues whose leader holds the only copy that is complete. When its node goes, their messages are lost, or the queues stand still until it is back, depending on `ha-promote-on-failure`.',
  mend: 'Bring back the nodes that are missing, and let the mirrors synchronise (`ha-sync-mode: automatic`, or `rabbitmqctl sync_queue`). Stop no broker node before that.',
  find(model, now) {
    const single = surveyQueues(model, now)?.singleCopy;
    if (single === undefined) return [];
    const where = nodeNames(single.holders, model);
    const text = `${queuesText(single)}${messagesText(single, model, now)} ${agree(single, 'has', 'have')} one copy left, on ${where}.`;
    return copiesFound(single, text, model, now);
  },
};
