/** BrokerNodeUnreachable: a broker node runs, and one of the ways into it is closed. */

import { shortNodeName } from '#lib/format/names.ts';
import { fixFor } from '#lib/format/reading.ts';
import type { Model } from '#lib/model/model.ts';
import type { BrokerNode } from '#lib/model/rabbitmq.ts';
import { brokerNodeStatus } from '#lib/model/status.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { downNodes, isDraining, nodeSubjects, unanswered, witnesses } from './broker-nodes.ts';

const WORDS: Readonly<Record<string, (name: string, address: string | null) => string>> = {
  'not answering': (name) => `${name} runs, say its peers, but its management API does not answer.`,
  'only AMQP answers': (name) => `Of ${name} only AMQP answers: nobody tells how it is.`,
  'AMQP not answering': (name, address) =>
    `${name} runs, but its AMQP${address === null ? '' : ` at ${address}`} does not answer: workers cannot connect there.`,
};

export const brokerNodeUnreachable: Rule = {
  code: 'BrokerNodeUnreachable',
  severity: 'warning',
  posture: false,
  aboutSilence: true,
  holdMs: 3_000,
  means:
    'A broker node runs, but its management API or its AMQP listener does not answer Trellis. Without AMQP it serves no worker; without its management API its own alarms and partitions are not seen.',
  mend: 'Check that both listeners are up (`rabbitmq-diagnostics listeners`), that nothing between Trellis and the node filters them, and the credentials in trellis.yaml.',
  find(model, now) {
    return Object.values(model.brokerNodes).flatMap((node) => found(node, model, now));
  },
};

function found(node: BrokerNode, model: Model, now: number): Found[] {
  const { status, word } = brokerNodeStatus(node, model, now);
  const text = WORDS[word];
  const [silent, ...more] = unanswered(node, model, now);
  // A node that is drained closes its listeners by order.
  if (status !== 'degraded' || text === undefined || silent === undefined || isDraining(node, model, now)) return [];
  const reading = model.readings[silent.by];
  return [
    {
      subject: { kind: 'brokerNodes', id: node.id },
      text: text(shortNodeName(node.id, model), node.address),
      evidence: [silent, ...more, ...witnesses(node, true, model, now)],
      advice: {
        text: reading === undefined ? 'Check its listeners.' : fixFor(reading, reading.failure?.code ?? 'timeout'),
        command: `rabbitmq-diagnostics -n ${node.id} listeners`,
      },
      // One node that hangs makes the management API of every node hang (RabbitMQ 3.10).
      because: [...hostSubjects(node.host), ...nodeSubjects(downNodes(model, now), model)],
    },
  ];
}
