/** BrokerVersionsDiffer: the nodes run different RabbitMQs. */
import { andList } from '#lib/format/list.ts';
import { shortNodeName } from '#lib/format/names.ts';
import type { Rule } from '#server/model/rule.ts';
import { CLUSTER, versionsTold } from './broker-nodes.ts';

export const brokerVersionsDiffer: Rule = {
  code: 'BrokerVersionsDiffer',
  severity: 'warning',
  posture: false,
  holdMs: 10_000,
  means:
    'The nodes of the cluster run different versions of RabbitMQ. That is meant for the time of a rolling upgrade only: a node may refuse to join again, and features wait until all have them.',
  mend: 'Finish the upgrade on the remaining nodes, then enable the feature flags.',
  find(model, now) {
    const told = versionsTold(model, now);
    const byVersion = Map.groupBy(told, ({ version }) => version);
    if (byVersion.size < 2) return [];
    const sides = [...byVersion].map(
      ([version, nodes]) => `${andList(nodes.map(({ node }) => shortNodeName(node.id, model)))} ${version}`,
    );
    return [
      {
        subject: CLUSTER,
        text: `The broker nodes run different versions: ${sides.join(', ')}.`,
        evidence: told.map(({ by, version }) => ({ by, says: `runs ${version}` })),
        advice: { text: 'Bring all nodes to the same version.', command: null },
      },
    ];
  },
};
