/** NoStandbyBeat: nobody waits on another host to take over the schedule. */
import type { Found, Rule } from '#server/model/rule.ts';
import { currentLocks, goneBeats } from './shared.ts';

export const noStandbyBeat: Rule = {
  code: 'NoStandbyBeat',
  severity: 'warning',
  posture: false,
  means:
    'A beat holds the lock and no other waits for it on another host. The redundancy is gone: if the holder fails, nobody schedules until somebody starts another one. `consul lock` ends when it loses the lock, so a supervisor must start it again.',
  mend: 'Start a second beat under `consul lock` on another host, with a supervisor that starts it again whenever it ends.',
  holdMs: 5_000,
  find(model, now) {
    return currentLocks(model, now).flatMap((lock): Found[] => {
      // A session beside the holder's own is no redundancy, and mostly what a beat left behind that was cut off.
      if (lock.holder === null || lock.standbys.some(({ node }) => node !== lock.holder?.node)) return [];
      const { newest, because } = goneBeats(lock, model, now);
      const holder = lock.holder.host ?? lock.holder.node;
      return [
        {
          subject: { kind: 'locks', id: lock.id },
          text: `${holder} holds the lock ${lock.id} and nobody waits for it on another host: if that beat fails, nobody schedules.${newest === null ? '' : ` ${newest.id} is gone.`}`,
          evidence: [{ by: lock.by, says: `${lock.key}: held on ${holder}, nobody waiting elsewhere` }],
          advice: {
            text: `Start a second beat under consul lock -shell=false ${lock.key} on another host than ${holder}, with a supervisor that starts it again.`,
            command: null,
          },
          because,
        },
      ];
    });
  },
};
