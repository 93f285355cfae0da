/** QuorumMarginZero: with one more member lost, quorum queues stop. */
import type { Rule } from '#server/model/rule.ts';
import { nodeNames } from './broker-nodes.ts';
import { copiesFound } from './copies-finding.ts';
import { agree, queuesText, surveyQueues } from './queue-survey.ts';

export const quorumMarginZero: Rule = {
  code: 'QuorumMarginZero',
  severity: 'warning',
  posture: false,
  means:
    'Quorum queues or streams with just the majority of their members online. They work; when one more member goes they lose their majority and stand still until it is back.',
  mend: 'Bring back the members that are missing. With two members a quorum queue can never lose one: grow it to three.',
  find(model, now) {
    const tight = surveyQueues(model, now)?.marginZero;
    if (tight === undefined) return [];
    const where = nodeNames(tight.holders, model);
    const text = `${queuesText(tight)} ${agree(tight, 'has', 'have')} just a majority (${where}): one more member lost stops ${agree(tight, 'it', 'them')}.`;
    return copiesFound(tight, text, model, now);
  },
};
