/** QueueMissingCopies: fewer copies than there should be, and more than one. */
import type { Rule } from '#server/model/rule.ts';
import { nodeNames } from './broker-nodes.ts';
import { copiesFound } from './copies-finding.ts';
import { agree, queuesText, surveyQueues } from './queue-survey.ts';

export const queueMissingCopies: Rule = {
  code: 'QueueMissingCopies',
  severity: 'warning',
  posture: false,
  means:
    'Queues with fewer copies in sync than their policy or their members ask for. Another broker node may still be lost, but redundancy is less than was meant.',
  mend: 'Bring back the nodes that are missing and let the copies catch up.',
  find(model, now) {
    const missing = surveyQueues(model, now)?.missing;
    if (missing === undefined) return [];
    const where = nodeNames(missing.holders, model);
    const text = `${queuesText(missing)} ${agree(missing, 'lacks', 'lack')} copies: in sync are those on ${where}.`;
    return copiesFound(missing, text, model, now);
  },
};
