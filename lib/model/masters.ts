/** Who calls itself master of a Redis service. Pure. */
import { settle } from './claims.ts';
import { isCurrent } from './freshness.ts';
import type { Model } from './model.ts';
import type { RedisNode, RedisRole, RedisService } from './redis.ts';

/** The data nodes of a service, in the order of the model, which never changes. */
export function nodesOf(service: RedisService, model: Model): RedisNode[] {
  return Object.values(model.redisNodes).filter((node) => node.service === service.id);
}

/** The role that the node claims for itself now; null while it does not answer. */
export function ownRole(node: RedisNode, model: Model, now: number): RedisRole | null {
  if (node.own === null || !isCurrent(model.readings[node.own], now)) return null;
  return node.role.find((claim) => claim.by === node.own)?.value ?? null;
}

/** The nodes that call themselves master now. More than one is a split brain. */
export function selfMasters(service: RedisService, model: Model, now: number): RedisNode[] {
  return nodesOf(service, model).filter((node) => ownRole(node, model, now) === 'master');
}

/** The master (id of a data node) of the service that this node belongs to, where the Sentinels agree on one. */
export function agreedMaster(node: string, model: Model, now: number): string | null {
  const service = model.redisServices[model.redisNodes[node]?.service ?? ''];
  const address = settle(service?.master ?? [], model.readings, now).value;
  return service === undefined || address === null ? null : `${service.id}/${address}`;
}
