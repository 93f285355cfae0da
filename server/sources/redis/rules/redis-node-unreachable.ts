/** RedisNodeUnreachable: Trellis and the Sentinels do not see the same of a data node. */

import { settle } from '#lib/model/claims.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import { redisNodeStatus } from '#lib/model/status.ts';
import { hostSubjects, isRefusedNow } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { redisCli, sentinelBehind, silenceOf } from './shared.ts';

export const redisNodeUnreachable: Rule = {
  code: 'RedisNodeUnreachable',
  severity: 'warning',
  posture: false,
  aboutSilence: true,
  means:
    'A Redis node answers some observers and not others: it does not answer Trellis although no Sentinel majority calls it down, or it answers Trellis and the Sentinels call it down. It may be too slow, cut off, or about to be found dead.',
  mend: 'Look at the network between the observers and the node, at its load (`SLOWLOG GET`), and at `maxclients` and `protected-mode`.',
  holdMs: 3_000,
  find(model, now) {
    return Object.values(model.redisNodes).flatMap((node): Found[] => {
      const reading = model.readings[node.own ?? ''];
      const silence = silenceOf(reading, now);
      const { status, word } = redisNodeStatus(node, model, now);
      const { value: up, current } = settle(node.up, model.readings, now);
      const isSilent = silence !== null && status !== 'down' && (status === 'degraded' || isRefusedNow(reading, now));
      if (reading === undefined || (!isSilent && word !== 'Sentinels say down')) return [];
      const opinions = current.map(({ by, value }) => ({
        by,
        says: `${sentinelBehind(by, model)}: ${node.name} is ${value ? 'up' : 'down'}`,
      }));
      return [
        {
          subject: { kind: 'redisNodes', id: node.id },
          text: isSilent
            ? `${node.name} does not answer Trellis (${silence})${up === true ? ', and the Sentinels call it up' : ''}.`
            : `${node.name} answers Trellis, and the Sentinels call it down.`,
          evidence: [
            { by: reading.key, says: isCurrent(reading, now) ? `${node.name} answers` : `${node.name}: ${silence}` },
            ...opinions,
          ],
          advice: {
            text: `Ask it from ${isSilent ? 'the machine of Trellis' : 'the machines of the Sentinels'}; what the answer takes, or the error, tells.`,
            command: redisCli(node.address, 'PING'),
          },
          because: hostSubjects(node.host),
        },
      ];
    });
  },
};
