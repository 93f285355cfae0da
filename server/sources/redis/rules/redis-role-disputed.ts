/** RedisRoleDisputed: a data node and the Sentinels do not name the same role. */
import { settle } from '#lib/model/claims.ts';
import { redisNodeStatus } from '#lib/model/status.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { goneNodes, goneSentinels, redisCli, sentinelBehind } from './shared.ts';

export const redisRoleDisputed: Rule = {
  code: 'RedisRoleDisputed',
  severity: 'warning',
  posture: false,
  means:
    'A Redis node calls itself master or replica, and at least one Sentinel says otherwise. For seconds that is part of every failover. If it lasts, clients that ask different Sentinels write to different nodes.',
  mend: 'See whether the Sentinels reach each other and the node. A node that somebody made master or replica by hand, past the Sentinels, is put right by `REPLICAOF` or by a `SENTINEL FAILOVER`.',
  holdMs: 3_000,
  find(model, now) {
    return Object.values(model.redisNodes).flatMap((node): Found[] => {
      if (redisNodeStatus(node, model, now).word !== 'role disputed') return [];
      const { current } = settle(node.role, model.readings, now);
      const service = model.redisServices[node.service];
      const whoSays = (by: string) => (by === node.own ? node.name : sentinelBehind(by, model));
      const opinions = current.map(({ by, value }) => ({ by, says: `${whoSays(by)}: ${value}` }));
      return [
        {
          subject: { kind: 'redisNodes', id: node.id },
          text: `The role of ${node.name} is disputed (${opinions.map(({ says }) => says).join(', ')}).`,
          evidence: opinions,
          advice: {
            text: `See what ${node.name} follows, and whether the Sentinels that say otherwise reach it.`,
            command: redisCli(node.address, 'ROLE'),
          },
          because: [
            { kind: 'redisServices', id: node.service },
            ...(service === undefined ? [] : goneNodes(service, model, now)),
            ...goneSentinels(model, now),
          ],
        },
      ];
    });
  },
};
