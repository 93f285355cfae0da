/** SentinelDown: a Sentinel is down. */

import { isCurrent } from '#lib/model/freshness.ts';
import { hostSubjects, isRefusedNow } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { isSentinelGone, redisCli, sentinelBehind } from './shared.ts';

export const sentinelDown: Rule = {
  code: 'SentinelDown',
  severity: 'warning',
  posture: false,
  means:
    'A Sentinel does not answer and its peers call it down, or nobody listens on its port. A failover needs the majority of all Sentinels that were ever known: with one less, fewer others may fail.',
  mend: 'Start it again. A Sentinel that is gone for good must be forgotten with `SENTINEL RESET` on the others, or it counts for the majority for ever.',
  find(model, now) {
    return Object.values(model.sentinels).flatMap((sentinel): Found[] => {
      if (!isSentinelGone(sentinel, model, now)) return [];
      const reading = model.readings[sentinel.own];
      const peers = sentinel.up.filter(({ by, value }) => !value && isCurrent(model.readings[by], now));
      const refusal = { by: sentinel.own, says: `${sentinel.name}: ${reading?.failure?.message ?? 'refused'}` };
      return [
        {
          subject: { kind: 'sentinels', id: sentinel.id },
          text: `${sentinel.name} is down: one vote less for a failover of Redis.`,
          evidence: [
            ...peers.map(({ by }) => ({ by, says: `${sentinelBehind(by, model)}: ${sentinel.name} is down` })),
            ...(isRefusedNow(reading, now) ? [refusal] : []),
          ],
          advice: {
            text: `${sentinel.host === null ? '' : `On ${sentinel.host}: `}look why redis-sentinel ended and start it. This asks whether it is back.`,
            command: redisCli(sentinel.id, 'PING'),
          },
          because: hostSubjects(sentinel.host),
        },
      ];
    });
  },
};
