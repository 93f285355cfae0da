/** Who serves, and what is wrong with it, in words. */
import { entityName } from '#lib/format/names.ts';
import type { ProxyServer } from '#lib/model/haproxy.ts';
import type { Model } from '#lib/model/model.ts';
import type { ServingProblem } from '#lib/model/proxy-agreement.ts';
import type { Shown } from '#lib/model/status.ts';

/** The server by the name of what stands behind it, where that is known. */
export function serverName({ name, target }: ProxyServer, model: Model): string {
  return target === null ? name : entityName(target.kind, target.id, model);
}

/** A problem as a status, and the sentence that goes with it. */
export function problemWords(problem: ServingProblem, model: Model): { shown: Shown; text: string } {
  const redis = (id: string) => entityName('redisNodes', id, model);
  const { code, backend } = problem;
  switch (code) {
    case 'nobody':
      return {
        shown: { status: 'down', word: 'nobody serves' },
        text: `${problem.proxy} has no server for ${backend}`,
      };
    case 'on-backup':
      return {
        shown: { status: 'degraded', word: 'on a backup' },
        text: `${problem.proxy} sends ${backend} to its backup ${serverName(problem.server, model)}`,
      };
    case 'two-masters':
      return {
        shown: { status: 'degraded', word: 'two masters' },
        text: `${problem.proxy} sends ${backend} to ${problem.nodes.map(redis).join(' and ')} at once: results are written to both, and those on the wrong one will be lost`,
      };
    case 'not-the-master':
      return {
        shown: { status: 'degraded', word: 'not the master' },
        text: `${problem.proxy} still sends ${backend} to ${redis(problem.node)}; the Sentinels’ master is ${redis(problem.master)}`,
      };
    case 'not-agreed': {
      const sides = problem.sides.map(({ node, proxies }) => `${proxies.join(', ')} to ${redis(node)}`);
      return {
        shown: { status: 'degraded', word: 'proxies disagree' },
        text: `${backend} goes from ${sides.join(', from ')}`,
      };
    }
  }
}
