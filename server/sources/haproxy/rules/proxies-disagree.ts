/** ProxiesDisagree: the proxies send results to different nodes, and nobody can say which is right. */
import { andList } from '#lib/format/list.ts';
import { entityName } from '#lib/format/names.ts';
import { servingProblems } from '#lib/model/proxy-agreement.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { backendsOf, behind, partOf, stateOf } from './shared.ts';

export const proxiesDisagree: Rule = {
  code: 'ProxiesDisagree',
  severity: 'warning',
  posture: false,
  means:
    'The proxies send results to different Redis nodes, and the Sentinels do not agree on a master, so nobody can say which of them is right. A result written through one proxy is not found through another.',
  mend: 'Settle first who is master: bring the Sentinels back, or end the split brain. The proxies follow by their own checks.',
  holdMs: 2_000,
  find(model, now) {
    return servingProblems(model, now).flatMap((problem): Found[] => {
      if (problem.code !== 'not-agreed') return [];
      const sides = problem.sides.map(
        ({ node, proxies }) => `${andList(proxies)} to ${entityName('redisNodes', node, model)}`,
      );
      const views = backendsOf(['results'], model, now).filter(({ backend }) => backend.name === problem.backend);
      const serving = views.flatMap(({ backend }) =>
        backend.servers.filter(({ name }) => backend.serving.includes(name)),
      );
      return [
        {
          subject: partOf(problem.sides[0]?.proxies[0] ?? '', problem.backend),
          text: `The proxies disagree about ${problem.backend}: ${sides.join(', ')}.`,
          evidence: views.map(stateOf),
          advice: {
            text: 'Settle first which of the nodes is master; the proxies follow it by their own checks.',
            command: null,
          },
          because: behind(serving, model),
        },
      ];
    });
  },
};
