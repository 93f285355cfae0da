/** BrokerPartition: the cluster has split, and has not come together again. */
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { Rule } from '#server/model/rule.ts';
import { CLUSTER, nodeNames } from './broker-nodes.ts';

export const brokerPartition: Rule = {
  code: 'BrokerPartition',
  severity: 'critical',
  posture: false,
  means:
    'Nodes were cut off from each other and went on alone. The two sides have different queues and messages now; after the network is back they do not join by themselves unless RabbitMQ is set to do so, and what one side took is lost when they do.',
  mend: 'Choose the side to trust. Stop RabbitMQ on the nodes of the other side and start it there again: they take over the state of the trusted side. At last restart the trusted nodes, which clears the warning.',
  find(model, now) {
    const cuts = cutsOf(model, now);
    if (cuts.length === 0) return [];
    const sides = cuts.map(
      ({ node, from }) => `${nodeNames([node], model)} was cut off from ${nodeNames(from, model)}`,
    );
    const most = Math.max(...cuts.map(({ from }) => from.length));
    const smaller = cuts.filter(({ from }) => from.length === most).map(({ node }) => node);
    const restarts = smaller.map((node) => `rabbitmqctl -n ${node} stop_app && rabbitmqctl -n ${node} start_app`);
    const decided = smaller.length < cuts.length;
    return [
      {
        subject: CLUSTER,
        text: `RabbitMQ is partitioned: ${sides.join('; ')}.`,
        evidence: cuts.map(({ by, from }) => ({ by, says: `cut off from ${from.join(', ')}` })),
        advice: {
          text: decided
            ? `Restart the smaller side, ${nodeNames(smaller, model)}: what it took since the split is lost. Then restart the other nodes one by one.`
            : 'Choose the side to trust, and restart RabbitMQ on the nodes of the other: what they took since the split is lost.',
          command: decided ? restarts.join(' && ') : null,
        },
      },
    ];
  },
};

/** Which node says that it was cut off from which. */
function cutsOf(model: Model, now: number): { node: string; from: string[]; by: string }[] {
  return Object.values(model.brokerNodes).flatMap(({ id, partitions }) =>
    partitions
      .filter(({ by, value }) => value !== '' && isCurrent(model.readings[by], now))
      .map(({ by, value }) => ({ node: id, from: value.split(','), by })),
  );
}
