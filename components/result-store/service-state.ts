/** What the page says of a Redis service as a whole. */
import type { Selected } from '#components/ui/use-selected.ts';
import { settle } from '#lib/model/claims.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { RedisNode, RedisRole, RedisService, Sentinel } from '#lib/model/redis.ts';
import type { Shown } from '#lib/model/status.ts';

/** What the panels of a service are drawn from. */
export type ServiceProps = { service: RedisService; model: Model; now: number; selected: Selected };

/** The data nodes of a service, in the order of the model, which never changes. */
export function nodesOf(service: RedisService, model: Model): RedisNode[] {
  return Object.values(model.redisNodes).filter((node) => node.service === service.id);
}

/** The Sentinels that guard a service; one that never answered may guard any. */
export function sentinelsOf(service: RedisService, model: Model): Sentinel[] {
  return Object.values(model.sentinels).filter(
    ({ views }) => views.length === 0 || views.some((view) => view.service === service.id),
  );
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

/** Status of the service: who is master, and whether that is beyond dispute. */
export function serviceShown(service: RedisService, model: Model, now: number): Shown {
  if (selfMasters(service, model, now).length > 1) return { status: 'degraded', word: 'two masters' };
  const { agreement } = settle(service.master, model.readings, now);
  if (agreement === 'none') return { status: 'unknown', word: 'no Sentinel names a master' };
  if (agreement === 'split' || agreement === 'majority') return { status: 'degraded', word: 'Sentinels disagree' };
  return { status: 'ok', word: 'one master' };
}
