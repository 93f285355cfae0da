/** The last hour of throughput as this page has seen it: seconds in order, none twice. */
import type { StreamSecond } from '#lib/contract/stream.ts';

const KEPT_MS = 3_600_000;

/**
 * `kept` with more seconds, both oldest first. What is told again replaces what was kept from that time on; seconds that
 * are missing stay missing. The same list when there is nothing more.
 */
export function joinThroughput(kept: readonly StreamSecond[], more: readonly StreamSecond[]): readonly StreamSecond[] {
  const [first] = more;
  const newest = more.at(-1);
  if (first === undefined || newest === undefined) return kept;
  const oldestAt = newest.at - KEPT_MS;
  const from = kept.findIndex(({ at }) => at > oldestAt);
  const to = kept.findLastIndex(({ at }) => at < first.at) + 1;
  const before = from === -1 ? [] : kept.slice(from, to);
  return [...before, ...more];
}
