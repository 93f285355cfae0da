/** LockDelayShort: the next beat may start before the old one stopped. */
import { formatAge } from '#lib/format/quantity.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { currentLocks } from './shared.ts';

/** `consul lock` gives its child this long to stop before it kills it. */
const KILL_GRACE_MS = 5_000;

export const lockDelayShort: Rule = {
  code: 'LockDelayShort',
  severity: 'warning',
  posture: true,
  means:
    'After a holder lost its session, Consul keeps the lock closed for the lock delay. `consul lock` gives the old beat five seconds to stop: with a shorter delay the next one starts while the old still runs. Two beats send every periodic task twice.',
  mend: 'Leave the lock delay at the 15 seconds that `consul lock` sets.',
  find(model, now) {
    return currentLocks(model, now).flatMap((lock): Found[] => {
      const delayMs = lock.times?.lockDelayMs ?? null;
      if (delayMs === null || delayMs >= KILL_GRACE_MS) return [];
      return [
        {
          subject: { kind: 'locks', id: lock.id },
          text: `The lock delay of ${lock.id} is ${formatAge(delayMs)}: after a failure two beats may run at once.`,
          evidence: [{ by: lock.by, says: `${lock.key}: lock delay ${formatAge(delayMs)}` }],
          advice: {
            text: 'Make its session with the lock delay of 15 seconds that consul lock sets.',
            command: null,
          },
        },
      ];
    });
  },
};
