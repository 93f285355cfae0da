/** LockFree: nobody holds a lock. */
import { andList } from '#lib/format/list.ts';
import { formatAge, formatClock } from '#lib/format/quantity.ts';
import type { Lock } from '#lib/model/consul.ts';
import { lockStatus } from '#lib/model/status.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { currentLocks, goneBeats } from './shared.ts';

export const lockFree: Rule = {
  code: 'LockFree',
  severity: 'critical',
  posture: false,
  means:
    'Nobody holds the lock, so no beat runs: nobody schedules. After a session ended without letting go of the lock, Consul keeps it closed for the lock delay (15 seconds with `consul lock`), so that the old holder surely stopped.',
  mend: 'With a standby it ends by itself after the lock delay. Without one start a beat under `consul lock`. A handover without a gap: end the holder’s `consul lock` with SIGTERM.',
  holdMs: 2_000,
  find(model, now) {
    return currentLocks(model, now)
      .filter((lock) => lockStatus(lock, model, now).status === 'down')
      .map((lock): Found => {
        const { newest, because } = goneBeats(lock, model, now);
        const waiting = andList(lock.standbys.map(({ host, node }) => host ?? node));
        return {
          subject: { kind: 'locks', id: lock.id },
          text: `Nobody holds the lock ${lock.id}: nobody schedules.${delayText(lock, newest)}`,
          evidence: [{ by: lock.by, says: `${lock.key}: no holder, ${lock.standbys.length} waiting` }],
          advice: {
            text:
              waiting === ''
                ? 'No beat waits for it: start one under consul lock.'
                : `${waiting} ${lock.standbys.length === 1 ? 'waits' : 'wait'} for it and will take it. If not, see whether the key is still locked.`,
            command: `consul kv get -detailed ${lock.key}/.lock`,
          },
          because,
        };
      });
  },
};

/** Which of the beats held it is not told any more: the newest that went may have. */
function delayText({ times }: Lock, newest: { id: string; goneSince: number } | null): string {
  const delayMs = times?.lockDelayMs ?? null;
  if (delayMs === null || delayMs === 0) return '';
  if (newest === null) return ` It may be closed for the lock delay of ${formatAge(delayMs)}.`;
  return ` If ${newest.id} held it, it can be taken at ${formatClock(newest.goneSince + delayMs)} UTC at the earliest (lock delay ${formatAge(delayMs)}).`;
}
