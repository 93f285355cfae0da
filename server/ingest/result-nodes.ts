/** Which Redis nodes keep Celery's results, by the model. Pure. */
import { settle } from '#lib/model/claims.ts';
import { agreedMaster, ownRole } from '#lib/model/masters.ts';
import type { Model } from '#lib/model/model.ts';
import type { ResultNode } from './result-reader.ts';

/** The nodes of one Redis service at `now` (epoch ms), by address. */
export function resultNodesOf(service: string, model: Model, now: number): ResultNode[] {
  return Object.values(model.redisNodes)
    .filter((node) => node.service === service)
    .map((node): ResultNode => {
      const master = agreedMaster(node.id, model, now);
      const role = master === null ? ownRole(node, model, now) : master === node.id ? 'master' : 'replica';
      // Only what is said to be down is: a node that nobody has asked yet may answer.
      return { address: node.address, role, up: settle(node.up, model.readings, now).value !== false };
    })
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}
