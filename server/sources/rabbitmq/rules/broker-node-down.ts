/** BrokerNodeDown: a broker node is gone. */

import { shortNodeName } from '#lib/format/names.ts';
import type { Model } from '#lib/model/model.ts';
import type { BrokerNode } from '#lib/model/rabbitmq.ts';
import { brokerNodeStatus } from '#lib/model/status.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { downNodes, onHost, speakers, unanswered, witnesses } from './broker-nodes.ts';

export const brokerNodeDown: Rule = {
  code: 'BrokerNodeDown',
  severity: 'warning',
  posture: false,
  means:
    'A node of the RabbitMQ cluster is gone: its peers say so, or both its management API and AMQP refuse connections. Its queues are led elsewhere where they have copies, and stand still where they have none. It is critical when no node is left.',
  mend: "Start RabbitMQ on the node's host; its log there says why it stopped. A node that will not come back is taken out with `rabbitmqctl forget_cluster_node`.",
  find(model, now) {
    const down = downNodes(model, now);
    const nobody = down.length === Object.keys(model.brokerNodes).length;
    return Object.values(model.brokerNodes)
      .filter(({ id }) => down.includes(id))
      .filter((node) => brokerNodeStatus(node, model, now).word !== 'hung or cut off')
      .map((node) => found(node, nobody, model, now));
  },
};

function found(node: BrokerNode, nobody: boolean, model: Model, now: number): Found {
  const name = shortNodeName(node.id, model);
  const peers = witnesses(node, false, model, now);
  const why = peers.length > 0 ? `, say ${speakers(peers, model)}` : ': it refuses connections';
  return {
    subject: { kind: 'brokerNodes', id: node.id },
    severity: nobody ? 'critical' : 'warning',
    text: `${name} is down${why}${nobody ? '. No broker node is left' : ''}.`,
    evidence: [...peers, ...unanswered(node, model, now)],
    advice: {
      text: `Start RabbitMQ ${onHost(node, model)} again; its log there says why it stopped.`,
      command: 'systemctl start rabbitmq-server',
    },
    because: hostSubjects(node.host),
  };
}
