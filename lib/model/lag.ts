/** Replication lag. Pure. */
import { isCurrent } from './freshness.ts';
import type { Model } from './model.ts';
import type { RedisNode } from './redis.ts';

/**
 * Bytes of its master's stream that a replica has not got yet; null on a master, and where one of the two does not answer
 * now: a live offset less a frozen one is no lag.
 */
export function lagBytes(node: RedisNode, model: Model, now: number): number | null {
  const master = model.redisNodes[`${node.service}/${node.masterAddress}`];
  const answers = (one: RedisNode) => one.own !== null && isCurrent(model.readings[one.own], now);
  if (master === undefined || !answers(node) || !answers(master)) return null;
  if (node.offset === null || master.offset === null) return null;
  // The replica may have been asked a moment after its master.
  return Math.max(0, master.offset - node.offset);
}
