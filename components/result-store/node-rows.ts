/** The data nodes of a service as rows of a table. */
import { settle } from '#lib/model/claims.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import { lagBytes } from '#lib/model/lag.ts';
import { nodesOf, ownRole } from '#lib/model/masters.ts';
import type { Model } from '#lib/model/model.ts';
import type { RedisNode, RedisRole, RedisService } from '#lib/model/redis.ts';
import { type Samples, seriesOf } from '#lib/model/samples.ts';
import { lastSeen, redisNodeStatus, type Shown } from '#lib/model/status.ts';

/** One data node, with what follows from the others put beside it. */
export type NodeRow = {
  node: RedisNode;
  shown: Shown;
  /** Its figures are of now; else they are the last ones known. */
  isFresh: boolean;
  /** The role in its own word; null while it does not answer. */
  own: RedisRole | null;
  /** The roles in the Sentinels' word; more than one where they differ. */
  said: readonly RedisRole[];
  /** Bytes of the master's stream that it has not got yet; null on a master and where nobody can tell now. */
  lagBytes: number | null;
  ops: readonly (number | null)[];
  seenAt: number | null;
};

/** The rows of a service's nodes, in the order of the model. */
export function nodeRows(service: RedisService, model: Model, series: Samples['series'], now: number): NodeRow[] {
  return nodesOf(service, model).map((node) => {
    const { current } = settle(node.role, model.readings, now);
    return {
      node,
      shown: redisNodeStatus(node, model, now),
      isFresh: answers(node, model, now),
      own: ownRole(node, model, now),
      said: [...new Set(current.filter((claim) => claim.by !== node.own).map((claim) => claim.value))],
      lagBytes: lagBytes(node, model, now),
      ops: series[seriesOf('redisNodes', node.id, 'ops')] ?? [],
      seenAt: lastSeen([node.own], model.readings),
    };
  });
}

function answers(node: RedisNode, model: Model, now: number): boolean {
  return node.own !== null && isCurrent(model.readings[node.own], now);
}
