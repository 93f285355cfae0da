/** SentinelDownAfterShort: a pause of the master counts as its end. */
import type { Found, Rule } from '#server/model/rule.ts';
import { sentinelSet, settingBy } from './shared.ts';

const SHORT_MS = 1_000;
const ADVISED_MS = 2_000;

export const sentinelDownAfterShort: Rule = {
  code: 'SentinelDownAfterShort',
  severity: 'info',
  posture: true,
  means:
    'Sentinels ask every second. With `down-after-milliseconds` below that, a slow command or a fork for a snapshot passes for a dead master, and every failover may lose writes.',
  mend: 'Set it to 2 to 5 seconds.',
  find(model, now) {
    return Object.values(model.redisServices).flatMap((service): Found[] => {
      const by = settingBy(service, model, now);
      const { downAfterMs } = service;
      if (by === null || downAfterMs === null || downAfterMs >= SHORT_MS) return [];
      return [
        {
          subject: { kind: 'redisServices', id: service.id },
          text: `A master of ${service.id} that pauses for ${downAfterMs} ms passes for dead.`,
          evidence: [{ by, says: `down-after-milliseconds ${downAfterMs}` }],
          advice: {
            text: `Set it to ${ADVISED_MS} ms on every Sentinel.`,
            command: sentinelSet(service, `down-after-milliseconds ${ADVISED_MS}`, model, now),
          },
        },
      ];
    });
  },
};
