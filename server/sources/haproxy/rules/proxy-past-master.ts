/** ProxyPastMaster: a proxy sends results to a node that the Sentinels do not take for the master. */

import { entityName } from '#lib/format/names.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import { servingProblems } from '#lib/model/proxy-agreement.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { atSocket, behind, partOf, place, stateOf } from './shared.ts';

export const proxyPastMaster: Rule = {
  code: 'ProxyPastMaster',
  severity: 'critical',
  posture: false,
  means:
    'A proxy sends results to another Redis node than the master that the Sentinels agree on. Writes there are refused, or lost when that node is demoted. For a moment this is part of every failover.',
  mend: 'The check must expect `role:master`, and `on-marked-down shutdown-sessions` must end the old sessions. If the check is right, the node itself still calls itself master: that is a split brain.',
  holdMs: 2_000,
  find(model, now) {
    return servingProblems(model, now).flatMap((problem): Found[] => {
      if (problem.code !== 'not-the-master') return [];
      const proxy = model.proxies[problem.proxy];
      const backend = proxy?.backends.find(({ name }) => name === problem.backend);
      const master = model.redisNodes[problem.master];
      if (proxy === undefined || backend === undefined) return [];
      const serving = backend.servers.filter(({ target }) => target?.id === problem.node);
      const masterName = entityName('redisNodes', problem.master, model);
      const claims = model.redisServices[master?.service ?? '']?.master ?? [];
      return [
        {
          subject: partOf(proxy.id, backend.name),
          text: `${proxy.id} sends ${backend.name} to ${entityName('redisNodes', problem.node, model)}, and the master is ${masterName}.`,
          evidence: [
            stateOf({ proxy, backend }),
            ...claims
              .filter(({ by, value }) => value === master?.address && isCurrent(model.readings[by], now))
              .map(({ by }) => ({ by, says: `${masterName} is master` })),
          ],
          advice: {
            text: `${place(proxy)}see why ${masterName} fails the check, and end the sessions that go past it.`,
            command: atSocket(
              `show servers state ${backend.name}`,
              ...serving.map(({ name }) => `shutdown sessions server ${backend.name}/${name}`),
            ),
          },
          because: [
            { kind: 'redisNodes', id: problem.master },
            ...(master === undefined ? [] : hostSubjects(master.host)),
            ...behind(serving, model),
          ],
        },
      ];
    });
  },
};
