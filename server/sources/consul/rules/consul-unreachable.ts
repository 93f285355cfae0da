/** ConsulUnreachable: a Consul agent does not answer Trellis, though the gossip has it alive. */

import { settle } from '#lib/model/claims.ts';
import { consulServerStatus } from '#lib/model/status.ts';
import { hostSubjects, isRefusedNow } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { agentBehind } from './shared.ts';

export const consulUnreachable: Rule = {
  code: 'ConsulUnreachable',
  severity: 'warning',
  posture: false,
  aboutSilence: true,
  means:
    'A Consul agent does not answer Trellis, and the gossip of the others does not call it down. It may hang, be cut off, or have ended a moment ago: gossip takes ten seconds and more to find that.',
  mend: 'See whether the agent runs, and whether its HTTP address can be reached from the machine of Trellis.',
  holdMs: 3_000,
  find(model, now) {
    return Object.values(model.consulServers).flatMap((server): Found[] => {
      const reading = model.readings[server.own ?? ''];
      const { status, word } = consulServerStatus(server, model, now);
      if (reading === undefined || status === 'down') return [];
      if (word !== 'not answering' && !isRefusedNow(reading, now)) return [];
      const silence = reading.failure?.message ?? 'no answer comes any more';
      const { current } = settle(server.alive, model.readings, now);
      return [
        {
          subject: { kind: 'consulServers', id: server.id },
          text: `${server.id} does not answer Trellis (${silence})${current.length > 0 ? ', and the gossip has it alive' : ''}.`,
          evidence: [
            { by: reading.key, says: `${server.id}: ${silence}` },
            ...current.map(({ by, value }) => ({
              by,
              says: `${agentBehind(by, model)}: ${server.id} is ${value ? 'alive' : 'not alive'}`,
            })),
          ],
          advice: {
            text: 'Ask it from the machine of Trellis.',
            command: `curl -m 3 http://${reading.endpoint}/v1/status/leader`,
          },
          because: hostSubjects(server.host),
        },
      ];
    });
  },
};
