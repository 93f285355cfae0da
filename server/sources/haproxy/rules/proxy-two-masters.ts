/** ProxyTwoMasters: a proxy spreads results over two Redis nodes. */
import { andList } from '#lib/format/list.ts';
import { entityName } from '#lib/format/names.ts';
import { agreedMaster } from '#lib/model/masters.ts';
import { servingProblems } from '#lib/model/proxy-agreement.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { atSocket, behind, partOf, place, stateOf } from './shared.ts';

export const proxyTwoMasters: Rule = {
  code: 'ProxyTwoMasters',
  severity: 'critical',
  posture: false,
  means:
    'A proxy takes two Redis nodes for the master and spreads results over both. What goes to the one that is demoted is lost, and readers miss every other result.',
  mend: 'It ends with the split brain behind it. Until then take the wrong server out at every proxy. If both are up without a split brain, the check does not ask for the role: expect `role:master`.',
  find(model, now) {
    return servingProblems(model, now).flatMap((problem): Found[] => {
      if (problem.code !== 'two-masters') return [];
      const proxy = model.proxies[problem.proxy];
      const backend = proxy?.backends.find(({ name }) => name === problem.backend);
      if (proxy === undefined || backend === undefined) return [];
      const serving = backend.servers.filter(({ name }) => backend.serving.includes(name));
      const master = agreedMaster(problem.nodes[0] ?? '', model, now);
      const wrong = serving.filter(({ target }) => target?.id !== master);
      const names = andList(problem.nodes.map((id) => entityName('redisNodes', id, model)));
      return [
        {
          subject: partOf(proxy.id, backend.name),
          text: `${proxy.id} sends ${backend.name} to ${names} at once: what the wrong one gets is lost.`,
          evidence: [stateOf({ proxy, backend })],
          advice: {
            text:
              master === null
                ? 'The Sentinels do not agree on a master: settle that first.'
                : `${place(proxy)}take out what is not ${entityName('redisNodes', master, model)}, on which the Sentinels agree. If only one calls itself master, let the check expect role:master.`,
            command:
              master === null
                ? null
                : atSocket(
                    ...wrong.flatMap(({ name }) => [
                      `set server ${backend.name}/${name} state maint`,
                      `shutdown sessions server ${backend.name}/${name}`,
                    ]),
                  ),
          },
          because: behind(serving, model),
        },
      ];
    });
  },
};
