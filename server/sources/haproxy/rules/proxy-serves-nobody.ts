/** ProxyServesNobody: a backend has no usable server. */
import { hostSubjects } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { atSocket, backendsOf, behind, partOf, place, serverName, stateOf } from './shared.ts';

export const proxyServesNobody: Rule = {
  code: 'ProxyServesNobody',
  severity: 'critical',
  posture: false,
  means:
    'A proxy finds no server of a backend fit to serve: every connection of its applications to the broker, or to the results, is refused. While Redis fails over this is normal for seconds.',
  mend: 'Look at the servers behind it first. If they are well, the proxy cannot reach them, or its check asks for something that they do not answer.',
  holdMs: 1_500,
  find(model, now) {
    return backendsOf(['broker', 'results'], model, now)
      .filter(({ backend }) => backend.serving.length === 0)
      .map((view): Found => {
        const { proxy, backend } = view;
        const what = backend.carries === 'broker' ? 'no task can be published' : 'no result can be written';
        return {
          subject: partOf(proxy.id, backend.name),
          text: `${proxy.id} has no usable server for ${backend.name}: ${what} through it.`,
          evidence: [stateOf(view)],
          advice: {
            text: `${place(proxy)}see why ${backend.servers.map((one) => serverName(one, model)).join(', ')} fail the check.`,
            command: atSocket(`show servers state ${backend.name}`),
          },
          because: [...behind(backend.servers, model), ...hostSubjects(proxy.host)],
        };
      });
  },
};
