/** What one Sentinel says of the others and of the data nodes. */
import type { Claim } from '#lib/model/claims.ts';
import type { RedisNode, Sentinel, SentinelView } from '#lib/model/redis.ts';
import type { Shown } from '#lib/model/status.ts';

const UP: Shown = { status: 'ok', word: 'up' };
const UNKNOWN: Shown = { status: 'unknown', word: 'does not know it' };

/** A Sentinel's word on a data node. */
export function opinionOfNode(sentinel: Sentinel, view: SentinelView, node: RedisNode): Shown {
  const isObjective = view.masterAddress === node.address && view.flags.includes('o_down');
  return isObjective ? { status: 'down', word: 'objectively down' } : opinion(node.up, sentinel);
}

/** A Sentinel's word on another. */
export function opinionOfSentinel(sentinel: Sentinel, other: Sentinel): Shown {
  return opinion(other.up, sentinel);
}

function opinion(up: readonly Claim<boolean>[], sentinel: Sentinel): Shown {
  const claim = up.find(({ by }) => by === sentinel.own);
  if (claim === undefined) return UNKNOWN;
  return claim.value ? UP : { status: 'down', word: 'subjectively down' };
}
