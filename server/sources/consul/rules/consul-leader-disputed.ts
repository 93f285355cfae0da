/** ConsulLeaderDisputed: the agents name different leaders. */
import { settle } from '#lib/model/claims.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { agentBehind, goneServers, serverAt } from './shared.ts';

export const consulLeaderDisputed: Rule = {
  code: 'ConsulLeaderDisputed',
  severity: 'warning',
  posture: false,
  means:
    'The Consul agents do not name the same leader, or some know none: one of them is cut off from the others and follows the past. A beat on its node may not know that it lost the lock.',
  mend: 'Look at the network between the servers (ports 8300 to 8302). It ends as soon as the one that was cut off is back.',
  holdMs: 4_000,
  find(model, now) {
    return Object.values(model.coordinators).flatMap((coordinator): Found[] => {
      const { value, current } = settle(coordinator.leader, model.readings, now);
      if (value === '' || new Set(current.map((claim) => claim.value)).size < 2) return [];
      const says = current.map((claim) => ({
        by: claim.by,
        says: `${agentBehind(claim.by, model)}: ${claim.value === '' ? 'no leader' : `${serverAt(claim.value, model)} leads`}`,
      }));
      return [
        {
          subject: { kind: 'coordinators', id: coordinator.id },
          text: `The Consul agents disagree about the leader (${says.map((one) => one.says).join(', ')}).`,
          evidence: says,
          advice: {
            text: 'See on each server whom it reaches; ports 8300 to 8302 must be open between all of them.',
            command: 'consul members',
          },
          because: goneServers(model, now),
        },
      ];
    });
  },
};
