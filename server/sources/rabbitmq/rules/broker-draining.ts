/** BrokerDraining: a broker node is in maintenance. */
import { shortNodeName } from '#lib/format/names.ts';
import type { Rule } from '#server/model/rule.ts';
import { isDraining, witnesses } from './broker-nodes.ts';

export const brokerDraining: Rule = {
  code: 'BrokerDraining',
  severity: 'info',
  posture: false,
  means:
    'Somebody put the node into maintenance: it runs, takes no connections, and leads no quorum queues. Redundancy is one node less until it is revived.',
  mend: '`rabbitmq-upgrade revive` on the node ends it; so does a restart.',
  find(model, now) {
    return Object.values(model.brokerNodes)
      .filter((node) => isDraining(node, model, now))
      .map((node) => ({
        subject: { kind: 'brokerNodes', id: node.id },
        text: `${shortNodeName(node.id, model)} is drained for maintenance: it takes no connections.`,
        evidence: witnesses(node, true, model, now),
        advice: {
          text: 'Revive it when the work is done.',
          command: `rabbitmq-upgrade -n ${node.id} revive`,
        },
      }));
  },
};
