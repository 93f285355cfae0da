/** BrokerNodesDisagree: broker nodes say different things of who runs. */
import { shortNodeName } from '#lib/format/names.ts';
import { brokerNodeStatus } from '#lib/model/status.ts';
import type { Rule } from '#server/model/rule.ts';
import { CLUSTER, downNodes, nodeNames, nodeSubjects, speakers, witnesses } from './broker-nodes.ts';

export const brokerNodesDisagree: Rule = {
  code: 'BrokerNodesDisagree',
  severity: 'warning',
  posture: false,
  holdMs: 5_000,
  means:
    'Some nodes say that a node runs and others, asked themselves, say that it does not. For a moment that is normal while a node stops or joins; when it lasts, the network between the nodes is cut, and the cluster is splitting.',
  mend: 'Mend the network between the nodes. Each node knows whom it sees: `rabbitmqctl -n <node> cluster_status`.',
  find(model, now) {
    const disputed = Object.values(model.brokerNodes).filter(
      (node) => brokerNodeStatus(node, model, now).word === 'nodes disagree',
    );
    const [first] = disputed;
    if (first === undefined) return [];
    const sides = disputed.map((node) => {
      const against = witnesses(node, false, model, now);
      const pro = witnesses(node, true, model, now);
      const name = shortNodeName(node.id, model);
      const text = `${name} runs for ${speakers(pro, model)}, and is down for ${speakers(against, model)}`;
      return { text, evidence: [...against, ...pro] };
    });
    return [
      {
        subject: CLUSTER,
        text: `The broker nodes disagree about ${nodeNames(
          disputed.map(({ id }) => id),
          model,
        )}: ${sides.map(({ text }) => text).join('; ')}.`,
        evidence: sides.flatMap(({ evidence }) => evidence),
        advice: {
          text: 'Look at the network between these nodes, and compare whom each of them sees.',
          command: `rabbitmqctl -n ${first.id} cluster_status`,
        },
        because: nodeSubjects(downNodes(model, now), model),
      },
    ];
  },
};
