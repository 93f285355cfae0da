/** RedisNodeDown: a data node is down. */

import { isCurrent } from '#lib/model/freshness.ts';
import { agreedMaster } from '#lib/model/masters.ts';
import { redisNodeStatus } from '#lib/model/status.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { redisCli, sentinelBehind } from './shared.ts';

export const redisNodeDown: Rule = {
  code: 'RedisNodeDown',
  severity: 'warning',
  posture: false,
  means:
    'A Redis node does not answer, and the Sentinels call it down. Critical while it is the master: until a replica is promoted no result can be written, and writes that no replica has got are lost. Else one copy of the results is missing.',
  mend: 'Start it again. A node that comes back follows the master of the day by itself: the Sentinels tell it.',
  find(model, now) {
    return Object.values(model.redisNodes).flatMap((node): Found[] => {
      if (redisNodeStatus(node, model, now).status !== 'down') return [];
      const isMaster = agreedMaster(node.id, model, now) === node.id;
      const place = node.host === null ? '' : `On ${node.host}: `;
      return [
        {
          subject: { kind: 'redisNodes', id: node.id },
          severity: isMaster ? 'critical' : 'warning',
          text: isMaster
            ? `${node.name}, the master of ${node.service}, is down: no result is written until a replica takes over.`
            : `${node.name} is down: ${node.service} has a copy less.`,
          evidence: node.up
            .filter(({ by, value }) => !value && isCurrent(model.readings[by], now))
            .map(({ by }) => ({ by, says: `${sentinelBehind(by, model)}: ${node.name} is down` })),
          advice: {
            text: `${place}look why redis-server ended and start it. If it runs and yet does not answer this, it hangs.`,
            command: redisCli(node.address, 'PING'),
          },
          because: hostSubjects(node.host),
        },
      ];
    });
  },
};
