/** ConsulNoLeader: Consul has no leader. */
import { settle } from '#lib/model/claims.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { agentBehind, goneServers } from './shared.ts';

export const consulNoLeader: Rule = {
  code: 'ConsulNoLeader',
  severity: 'critical',
  posture: false,
  means:
    'Most of the Consul agents that answer know no leader. No session is renewed and no lock can be taken: a beat that holds the lock loses it and stops, and none takes over. An election takes two to four seconds.',
  mend: 'Bring back enough servers for a majority. If they are gone for good, recover the cluster with `peers.json`, as Consul’s outage guide says.',
  holdMs: 4_000,
  find(model, now) {
    return Object.values(model.coordinators).flatMap((coordinator): Found[] => {
      const { value, current } = settle(coordinator.leader, model.readings, now);
      if (value !== '') return [];
      return [
        {
          subject: { kind: 'coordinators', id: coordinator.id },
          text: 'Consul has no leader: no lock can be taken, and a beat that holds one will lose it.',
          evidence: current
            .filter((claim) => claim.value === '')
            .map(({ by }) => ({ by, says: `${agentBehind(by, model)}: no leader` })),
          advice: {
            text: 'Bring back servers until the majority is there. This shows who votes and who leads.',
            command: 'consul operator raft list-peers -stale',
          },
          because: goneServers(model, now),
        },
      ];
    });
  },
};
