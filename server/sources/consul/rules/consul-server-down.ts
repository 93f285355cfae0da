/** ConsulServerDown: a Consul server is down. */

import { isCurrent } from '#lib/model/freshness.ts';
import { consulServerStatus } from '#lib/model/status.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { agentBehind } from './shared.ts';

export const consulServerDown: Rule = {
  code: 'ConsulServerDown',
  severity: 'warning',
  posture: false,
  means:
    'The agents’ gossip calls a Consul server dead. Sessions of its node end, and with them a lock that is held there. The cluster goes on as long as the majority of its servers is there.',
  mend: 'Start it again; it joins by itself. A server that is gone for good is taken out with `consul operator raft remove-peer`.',
  find(model, now) {
    return Object.values(model.consulServers).flatMap((server): Found[] => {
      if (consulServerStatus(server, model, now).status !== 'down') return [];
      return [
        {
          subject: { kind: 'consulServers', id: server.id },
          text: `${server.id} is down: Consul has a server less, and no lock can be held there.`,
          evidence: server.alive
            .filter(({ by, value }) => !value && isCurrent(model.readings[by], now))
            .map(({ by }) => ({ by, says: `${agentBehind(by, model)}: ${server.id} is not alive` })),
          advice: {
            text: `On ${server.host ?? server.address}: see why it ended (journalctl -u consul) and start it.`,
            command: 'systemctl start consul',
          },
          because: hostSubjects(server.host),
        },
      ];
    });
  },
};
