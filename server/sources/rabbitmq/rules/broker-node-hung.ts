/** BrokerNodeHung: a broker node takes connections, and nothing comes back. */

import { shortNodeName } from '#lib/format/names.ts';
import { brokerNodeStatus } from '#lib/model/status.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import type { Rule } from '#server/model/rule.ts';
import { onHost, unanswered, witnesses } from './broker-nodes.ts';

export const brokerNodeHung: Rule = {
  code: 'BrokerNodeHung',
  severity: 'warning',
  posture: false,
  aboutSilence: true,
  means:
    'Neither AMQP nor the management API of this node answers, while another node does: the node hangs, or is cut off from the network. Its peers go on calling it running until the net tick, up to a minute later, and the queues that it leads stand still until then.',
  mend: 'Look at the host first: frozen, out of memory, disk stuck, network. A node that does not recover is ended and started again; its queues are then led elsewhere at once.',
  find(model, now) {
    return Object.values(model.brokerNodes)
      .filter((node) => brokerNodeStatus(node, model, now).word === 'hung or cut off')
      .map((node) => {
        const name = shortNodeName(node.id, model);
        return {
          subject: { kind: 'brokerNodes', id: node.id },
          text: `${name} is hung or cut off: neither AMQP nor its management API answers, while other nodes do.`,
          evidence: [...unanswered(node, model, now), ...witnesses(node, true, model, now)],
          advice: {
            text: `Look what happens ${onHost(node, model)}, and restart RabbitMQ there if it does not recover.`,
            command: 'systemctl restart rabbitmq-server',
          },
          because: hostSubjects(node.host),
        };
      });
  },
};
