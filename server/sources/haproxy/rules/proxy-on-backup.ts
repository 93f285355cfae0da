/** ProxyOnBackup: a backup serves, because no primary is usable. */

import { servingProblems } from '#lib/model/proxy-agreement.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { atSocket, behind, partOf, place, serverName, stateOf } from './shared.ts';

export const proxyOnBackup: Rule = {
  code: 'ProxyOnBackup',
  severity: 'warning',
  posture: false,
  means:
    'A proxy sends to a backup server because none of its primaries is usable. Tasks go on, over a longer way and with less redundancy.',
  mend: 'Bring the primary back: new connections return to it by themselves, open ones stay on the backup until they end.',
  find(model, now) {
    return servingProblems(model, now).flatMap((problem): Found[] => {
      if (problem.code !== 'on-backup') return [];
      const proxy = model.proxies[problem.proxy];
      const backend = proxy?.backends.find(({ name }) => name === problem.backend);
      if (proxy === undefined || backend === undefined) return [];
      const primaries = backend.servers.filter((server) => !server.backup);
      const names = primaries.map((server) => serverName(server, model)).join(', ') || 'a primary';
      return [
        {
          subject: partOf(proxy.id, backend.name),
          text: `${proxy.id} sends ${backend.name} to its backup ${serverName(problem.server, model)}: ${names} cannot serve.`,
          evidence: [stateOf({ proxy, backend })],
          advice: {
            text: `${place(proxy)}see why ${names} ${primaries.length > 1 ? 'fail' : 'fails'} the check; once it passes, new connections return to it.`,
            command: atSocket(`show servers state ${backend.name}`),
          },
          because: [...behind(primaries, model), ...hostSubjects(proxy.host)],
        },
      ];
    });
  },
};
