/** ProxyServerDown: a proxy cannot reach a broker that runs. */

import { brokerNodeStatus } from '#lib/model/status.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { backendsOf, behind, partOf, place, serverName } from './shared.ts';

export const proxyServerDown: Rule = {
  code: 'ProxyServerDown',
  severity: 'warning',
  posture: false,
  means:
    'A proxy calls a broker down that runs by its own word and by that of its peers: it is this proxy that cannot reach it. Its applications have a broker less, and Trellis cannot see why from where it stands.',
  mend: 'Look at the network between the proxy’s host and the broker, at firewalls, and at the address and port in the proxy’s configuration.',
  holdMs: 3_000,
  find(model, now) {
    return backendsOf(['broker'], model, now).flatMap(({ proxy, backend }) =>
      backend.servers.flatMap((server): Found[] => {
        const node = server.target?.kind === 'brokerNodes' ? model.brokerNodes[server.target.id] : undefined;
        if (node === undefined || !server.status.startsWith('DOWN')) return [];
        if (brokerNodeStatus(node, model, now).status !== 'ok') return [];
        const name = serverName(server, model);
        const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(server.address ?? '') ?? [];
        return [
          {
            subject: partOf(proxy.id, `${backend.name}/${server.name}`),
            text: `${proxy.id} cannot reach ${name}, which runs.`,
            evidence: [
              {
                by: proxy.own,
                says: `${proxy.id}: ${backend.name}/${server.name} ${server.status}, ${server.checkDetail ?? server.checkStatus ?? 'no reason told'}`,
              },
              ...node.own.map((by) => ({ by, says: `${name} runs` })),
            ],
            advice: {
              text: `${place(proxy)}see whether ${name} can be reached from there.`,
              command: host === undefined ? null : `nc -zv ${host} ${port}`,
            },
            because: [...behind([server], model), ...hostSubjects(proxy.host)],
          },
        ];
      }),
    );
  },
};
