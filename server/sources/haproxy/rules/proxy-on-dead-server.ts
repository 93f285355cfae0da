/** ProxyOnDeadServer: a proxy sends tasks to a broker node that is down or hung. */

import { isOnDeadNode } from '#lib/model/status.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { atSocket, backendsOf, behind, partOf, place, serverName, stateOf } from './shared.ts';

export const proxyOnDeadServer: Rule = {
  code: 'ProxyOnDeadServer',
  severity: 'critical',
  posture: false,
  means:
    'A proxy goes on sending its applications to a broker node that is down or hung, because its check still passes: a check that only opens a TCP connection is answered by the kernel of a hung host. Tasks stand still there until somebody takes the server out; on a test estate that lasted until the broker was resumed.',
  mend: 'Take the server out by hand and end its sessions. Then let the proxy check on the level of AMQP (see `TcpOnlyCheck`).',
  // A proxy finds out by itself within a few checks when the process is gone.
  holdMs: 6_000,
  find(model, now) {
    return backendsOf(['broker'], model, now).flatMap((view): Found[] => {
      const { proxy, backend } = view;
      const dead = backend.servers.filter(
        (server) => backend.serving.includes(server.name) && isOnDeadNode(server, model, now),
      );
      if (dead.length === 0) return [];
      const names = dead.map((server) => serverName(server, model)).join(' and ');
      return [
        {
          subject: partOf(proxy.id, backend.name),
          text: `${proxy.id} goes on sending ${backend.name} to ${names}, which does not work: tasks stand still there.`,
          evidence: [stateOf(view)],
          advice: {
            text: `${place(proxy)}take the server out and end its sessions.`,
            command: atSocket(
              ...dead.flatMap(({ name }) => [
                `set server ${backend.name}/${name} state maint`,
                `shutdown sessions server ${backend.name}/${name}`,
              ]),
            ),
          },
          because: [...behind(dead, model), ...hostSubjects(proxy.host)],
        },
      ];
    });
  },
};
