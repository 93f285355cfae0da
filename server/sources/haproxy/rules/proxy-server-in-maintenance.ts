/** ProxyServerInMaintenance: somebody took a server out by hand. */
import { andList } from '#lib/format/list.ts';
import { isTakenOut } from '#lib/model/haproxy.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { atSocket, currentProxies, place } from './shared.ts';

export const proxyServerInMaintenance: Rule = {
  code: 'ProxyServerInMaintenance',
  severity: 'info',
  posture: false,
  means:
    'Somebody set a server of a proxy to maintenance or to drain: it gets no new connections until it is set ready again, however well it is. A reload of HAProxy forgets this, unless it saves the state of its servers.',
  mend: 'Set it ready again when the work is done.',
  find(model, now) {
    return currentProxies(model, now).flatMap((proxy): Found[] => {
      const taken = proxy.backends
        .filter(({ carries }) => carries !== 'other')
        .flatMap(({ name, servers }) =>
          servers.filter(isTakenOut).map((server) => ({ id: `${name}/${server.name}`, status: server.status })),
        );
      if (taken.length === 0) return [];
      return [
        {
          subject: { kind: 'proxies', id: proxy.id },
          text: `${andList(taken.map(({ id, status }) => `${id} (${status})`))} ${taken.length === 1 ? 'is' : 'are'} taken out by hand at ${proxy.id}.`,
          evidence: [
            { by: proxy.own, says: `${proxy.id}: ${taken.map(({ id, status }) => `${id} ${status}`).join(', ')}` },
          ],
          advice: {
            text: `${place(proxy)}set them ready when the work is done.`,
            command: atSocket(...taken.map(({ id }) => `set server ${id} state ready`)),
          },
        },
      ];
    });
  },
};
