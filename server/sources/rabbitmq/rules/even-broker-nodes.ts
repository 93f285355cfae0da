/** EvenBrokerNodes: the last node adds no safety. */
import type { Rule } from '#server/model/rule.ts';
import { CLUSTER, nodeNames } from './broker-nodes.ts';
import { nodesListedBy } from './cluster-settings.ts';

export const evenBrokerNodes: Rule = {
  code: 'EvenBrokerNodes',
  severity: 'info',
  posture: true,
  means:
    'An even number of broker nodes bears no more failures than one node less, since a majority is needed, and can split into two halves of which neither is one.',
  mend: 'Run three or five nodes.',
  find(model, now) {
    const nodes = Object.keys(model.brokerNodes);
    const by = nodesListedBy(model, now);
    if (nodes.length === 0 || nodes.length % 2 === 1 || by === null) return [];
    const failures = nodes.length / 2 - 1;
    return [
      {
        subject: CLUSTER,
        text: `${nodes.length} broker nodes (${nodeNames(nodes, model)}) bear the loss of ${failures === 0 ? 'none' : failures}, as ${nodes.length - 1} would: a majority must be left.`,
        evidence: [{ by, says: `${nodes.length} nodes` }],
        advice: { text: `Run ${nodes.length + 1} nodes.`, command: null },
      },
    ];
  },
};
