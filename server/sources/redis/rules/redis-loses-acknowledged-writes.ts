/** RedisLosesAcknowledgedWrites: a cut-off master goes on taking writes. */
import { andList } from '#lib/format/list.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { answering, each, redisCliEach } from './shared.ts';

export const redisLosesAcknowledgedWrites: Rule = {
  code: 'RedisLosesAcknowledgedWrites',
  severity: 'info',
  posture: true,
  means:
    'Without `min-replicas-to-write` a master that is cut off from its replicas goes on taking and acknowledging writes. After the failover it is demoted, and all of them are lost.',
  mend: 'Set `min-replicas-to-write 1` and `min-replicas-max-lag 10` on every node: the old master then refuses writes after 10 seconds without a replica. The price: with all replicas down no result can be written at all.',
  find(model, now) {
    return Object.values(model.redisServices).flatMap((service): Found[] => {
      const nodes = answering(service, model, now).filter(({ wantsReplicas }) => wantsReplicas === false);
      if (nodes.length === 0) return [];
      return [
        {
          subject: { kind: 'redisServices', id: service.id },
          text: `${andList(nodes.map(({ name }) => name))} ${nodes.length === 1 ? 'takes' : 'take'} writes without a replica: after a failover or a partition the writes to the old master of ${service.id} are lost.`,
          evidence: each(nodes, () => 'min-replicas-to-write 0'),
          advice: {
            text: 'Let a master without a replica refuse writes, and keep it with CONFIG REWRITE; with all replicas down nothing can be written then.',
            command: redisCliEach(
              nodes.map(({ address }) => address),
              'CONFIG SET min-replicas-to-write 1',
            ),
          },
        },
      ];
    });
  },
};
