/** Who sees whom: what one broker node says of another, and whether that is disputed. Pure. */
import { settle } from './claims.ts';
import { isCurrent } from './freshness.ts';
import type { Model } from './model.ts';
import type { BrokerNode } from './rabbitmq.ts';

/** `silent` = the observer's reading is not current; `unlisted` = it is, and does not name the target. */
export type Sight = {
  says: 'running' | 'down' | 'unlisted' | 'silent';
  /** What a silent observer said last; null = nothing. */
  last: boolean | null;
  /** Other observers say otherwise, and are not fewer. */
  disputed: boolean;
};

/** What `observer` says of `target` at `now` (epoch ms). */
export function sightOf(observer: BrokerNode, target: BrokerNode, model: Pick<Model, 'readings'>, now: number): Sight {
  const claim = target.running.find(({ by }) => observer.own.includes(by));
  const speaks = observer.own.some((key) => isCurrent(model.readings[key], now));
  if (!speaks) return { says: 'silent', last: claim?.value ?? null, disputed: false };
  if (claim === undefined) return { says: 'unlisted', last: null, disputed: false };
  const { agreement, value } = settle(target.running, model.readings, now);
  const disputed = agreement === 'split' || (agreement === 'majority' && value !== claim.value);
  return { says: claim.value ? 'running' : 'down', last: null, disputed };
}
