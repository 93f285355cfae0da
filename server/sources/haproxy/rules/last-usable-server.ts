/** LastUsableServer: of several brokers a proxy can use one only. */

import { andList } from '#lib/format/list.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { atSocket, backendsOf, behind, partOf, place, serverName, stateOf } from './shared.ts';

export const lastUsableServer: Rule = {
  code: 'LastUsableServer',
  severity: 'warning',
  posture: false,
  means:
    'Of the brokers behind a proxy only one is usable. If that one fails too, its applications cannot publish. (A backend for results is not meant: there one server serves, and the replicas are down by design.)',
  mend: 'Bring the other brokers back, or take their servers out of maintenance.',
  find(model, now) {
    return backendsOf(['broker'], model, now).flatMap((view): Found[] => {
      const { proxy, backend } = view;
      const usable = backend.servers.filter((server) => server.usable);
      const unusable = backend.servers.filter((server) => !server.usable);
      if (usable.length !== 1 || usable[0] === undefined || unusable.length === 0) return [];
      const lost = andList(unusable.map((server) => serverName(server, model)));
      return [
        {
          subject: partOf(proxy.id, backend.name),
          text: `${serverName(usable[0], model)} is the last usable server of ${backend.name} at ${proxy.id}: ${lost} cannot serve.`,
          evidence: [stateOf(view)],
          advice: {
            text: `${place(proxy)}see why ${lost} cannot serve, and bring them back before the last one fails.`,
            command: atSocket(`show servers state ${backend.name}`),
          },
          because: [...behind(unusable, model), ...hostSubjects(proxy.host)],
        },
      ];
    });
  },
};
