/** SentinelNoQuorum: too few Sentinels are in reach for a failover. */
import { andList } from '#lib/format/list.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { goneSentinels, ownCheckOf, redisCliEach, viewsOf } from './shared.ts';

export const sentinelNoQuorum: Rule = {
  code: 'SentinelNoQuorum',
  severity: 'warning',
  posture: false,
  means:
    'A Sentinel checked itself (`SENTINEL CKQUORUM`) that too few others are in reach to call a master down or to authorise a failover. If the master fails now, nobody is promoted.',
  mend: 'Bring the missing Sentinels back. If they are gone for good, set up new ones and let the others forget the old with `SENTINEL RESET`.',
  find(model, now) {
    return Object.values(model.redisServices).flatMap((service): Found[] => {
      const checks = viewsOf(service, model, now).flatMap(({ sentinel, view }) => {
        const by = ownCheckOf(sentinel, model, now);
        return by === null || view.quorum === null ? [] : [{ by, sentinel, ...view.quorum }];
      });
      const failing = checks.filter(({ ok }) => !ok);
      if (failing.length === 0) return [];
      const names = andList(failing.map(({ sentinel }) => sentinel.name));
      return [
        {
          subject: { kind: 'redisServices', id: service.id },
          text:
            failing.length === checks.length
              ? `No automatic failover of ${service.id}: too few Sentinels are in reach of ${names}.`
              : `${names} ${failing.length === 1 ? 'reaches' : 'reach'} too few Sentinels for a failover of ${service.id}.`,
          evidence: failing.map(({ by, sentinel, text }) => ({ by, says: `${sentinel.name}: ${text}` })),
          advice: {
            text: 'Bring the missing Sentinels back, then check again.',
            command: redisCliEach(
              failing.map(({ sentinel }) => sentinel.id),
              `SENTINEL CKQUORUM ${service.masterName}`,
            ),
          },
          because: goneSentinels(model, now),
        },
      ];
    });
  },
};
