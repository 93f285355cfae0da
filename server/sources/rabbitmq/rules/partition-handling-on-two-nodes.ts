/** PartitionHandlingOnTwoNodes: with two nodes `pause_minority` stops both. */
import type { Rule } from '#server/model/rule.ts';
import { CLUSTER, nodeNames } from './broker-nodes.ts';
import { clusterNow } from './cluster-settings.ts';

export const partitionHandlingOnTwoNodes: Rule = {
  code: 'PartitionHandlingOnTwoNodes',
  severity: 'info',
  posture: true,
  means:
    '`pause_minority` pauses every node that sees half of the cluster or less. Of two nodes the one that is left is always a half: any failure of either pauses the other, and the second node is no redundancy at all.',
  mend: 'Add a third node, or set `cluster_partition_handling = autoheal`, which prefers going on to losing nothing.',
  find(model, now) {
    const cluster = clusterNow(model, now);
    const nodes = Object.keys(model.brokerNodes);
    if (cluster?.partitionHandling !== 'pause_minority' || nodes.length !== 2) return [];
    return [
      {
        subject: CLUSTER,
        text: `With pause_minority and two nodes (${nodeNames(nodes, model)}), the failure of either pauses the other.`,
        evidence: [{ by: cluster.by, says: 'cluster_partition_handling pause_minority, 2 nodes' }],
        advice: { text: 'Add a third broker node, or set cluster_partition_handling = autoheal.', command: null },
      },
    ];
  },
};
