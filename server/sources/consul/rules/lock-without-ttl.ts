/** LockWithoutTtl: a hung holder keeps the lock. */
import type { Found, Rule } from '#server/model/rule.ts';
import { currentLocks } from './shared.ts';

export const lockWithoutTtl: Rule = {
  code: 'LockWithoutTtl',
  severity: 'info',
  posture: true,
  means:
    'The session behind the lock has no time to live: it ends only with its node. A process that hangs, or ends without letting go, keeps the lock, and nobody schedules while all looks well.',
  mend: 'Make the session with a TTL and renew it from the process that it stands for. `consul lock` does both, with 15 seconds.',
  find(model, now) {
    return currentLocks(model, now).flatMap((lock): Found[] => {
      if (lock.times === null || (lock.times.ttlMs ?? 0) > 0) return [];
      const holder = lock.holder?.host ?? lock.holder?.node ?? 'its holder';
      return [
        {
          subject: { kind: 'locks', id: lock.id },
          text: `The session behind the lock ${lock.id} has no time to live: if the process on ${holder} hangs or dies alone, it keeps the lock.`,
          evidence: [{ by: lock.by, says: `${lock.key}: session without TTL` }],
          advice: {
            text: `Start the beat under consul lock -shell=false ${lock.key}: its session has a TTL of 15 seconds and is renewed.`,
            command: null,
          },
        },
      ];
    });
  },
};
