/** SentinelDownAfterLong: a dead master is noticed late. */
import { formatAge } from '#lib/format/quantity.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { sentinelSet, settingBy } from './shared.ts';

const LONG_MS = 10_000;
const ADVISED_MS = 5_000;

export const sentinelDownAfterLong: Rule = {
  code: 'SentinelDownAfterLong',
  severity: 'info',
  posture: true,
  means:
    'The Sentinels wait for `down-after-milliseconds` before they call a silent master down; the failover takes two to four seconds more. All that time no result can be written. The default is 30 seconds.',
  mend: 'Set it to 2 to 5 seconds, if the network is a good one.',
  find(model, now) {
    return Object.values(model.redisServices).flatMap((service): Found[] => {
      const by = settingBy(service, model, now);
      const { downAfterMs } = service;
      if (by === null || downAfterMs === null || downAfterMs <= LONG_MS) return [];
      return [
        {
          subject: { kind: 'redisServices', id: service.id },
          text: `The Sentinels notice a dead master of ${service.id} only after ${formatAge(downAfterMs)}.`,
          evidence: [{ by, says: `down-after-milliseconds ${downAfterMs}` }],
          advice: {
            text: `Set it to ${formatAge(ADVISED_MS)} on every Sentinel.`,
            command: sentinelSet(service, `down-after-milliseconds ${ADVISED_MS}`, model, now),
          },
        },
      ];
    });
  },
};
