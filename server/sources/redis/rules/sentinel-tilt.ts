/** SentinelTilt: a Sentinel watches and does not act. */
import { hostSubjects } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { ownCheckOf, redisCli } from './shared.ts';

export const sentinelTilt: Rule = {
  code: 'SentinelTilt',
  severity: 'warning',
  posture: false,
  means:
    'A Sentinel that found its clock jumping, or itself not running for two seconds, goes into TILT mode: for 30 seconds it watches and does not act, and it votes for no failover.',
  mend: 'It ends by itself after 30 quiet seconds. If it comes again, look at the time synchronisation and the load of the machine, and at snapshots or migrations that stop it.',
  find(model, now) {
    return Object.values(model.sentinels).flatMap((sentinel): Found[] => {
      const by = ownCheckOf(sentinel, model, now);
      if (by === null || sentinel.tilt !== true) return [];
      return [
        {
          subject: { kind: 'sentinels', id: sentinel.id },
          text: `${sentinel.name} is in TILT mode: it watches and does not act.`,
          evidence: [{ by, says: `${sentinel.name}: sentinel_tilt:1` }],
          advice: {
            text: `It ends after 30 quiet seconds. If it comes again, look at the clock and the load of ${sentinel.host ?? sentinel.id}.`,
            command: redisCli(sentinel.id, 'INFO sentinel'),
          },
          because: hostSubjects(sentinel.host),
        },
      ];
    });
  },
};
