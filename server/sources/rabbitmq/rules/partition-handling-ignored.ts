/** PartitionHandlingIgnored: when the network is cut, both sides go on. */
import type { Rule } from '#server/model/rule.ts';
import { CLUSTER } from './broker-nodes.ts';
import { clusterNow } from './cluster-settings.ts';

export const partitionHandlingIgnored: Rule = {
  code: 'PartitionHandlingIgnored',
  severity: 'warning',
  posture: true,
  means:
    '`cluster_partition_handling` is `ignore`, the default: when the network between the nodes is cut, both sides go on alone, and stay apart after it is back. Whoever joins them by hand gives up what one side took.',
  mend: 'Set `cluster_partition_handling = pause_minority` in rabbitmq.conf (three nodes or more), or `autoheal` (two), and restart the nodes one by one.',
  find(model, now) {
    const cluster = clusterNow(model, now);
    const nodes = Object.keys(model.brokerNodes).length;
    if (cluster?.partitionHandling !== 'ignore' || nodes < 2) return [];
    const better = nodes === 2 ? 'autoheal' : 'pause_minority';
    return [
      {
        subject: CLUSTER,
        text: 'RabbitMQ ignores partitions: when the network is cut, both sides go on alone and do not join again.',
        evidence: [{ by: cluster.by, says: 'cluster_partition_handling ignore' }],
        advice: {
          text: `Set cluster_partition_handling = ${better} in rabbitmq.conf of every node, and restart them one by one.`,
          command: null,
        },
      },
    ];
  },
};
