/** Redis under Sentinel as a source. */
import { createRequestLog } from '#server/sources/request-log.ts';
import type { Source } from '#server/sources/source.ts';
import type { RedisConfig } from './config.ts';
import { configuredDataEndpoints, discoveredDataEndpoints, sentinelEndpoints } from './observe.ts';
import { redisReduce } from './reduce.ts';

/** Redis answers such questions in microseconds; these limits keep a mistake from becoming a load. */
const REST_PER_SECOND = 1.5;
const BURST_PER_SECOND = 5;
/** Data nodes are not known before the Sentinels name them. */
const EXPECTED_NODES = 3;

/** Watches the configured Sentinels, and the data nodes that they name. */
export function redisSource(config: RedisConfig, clock: () => number): Source {
  const requests = createRequestLog(clock);
  const context = { requests, clock };
  const servers = Object.values(config).reduce(
    (sum, one) => sum + one.sentinels.length + Math.max(one.nodes.length, EXPECTED_NODES),
    0,
  );
  return {
    kind: 'redis',
    budget: { atRest: REST_PER_SECOND * servers, inBurst: BURST_PER_SECOND * servers },
    requests,
    endpoints: [...sentinelEndpoints(config, context), ...configuredDataEndpoints(config, context)],
    discover: (model) => discoveredDataEndpoints(config, model, context),
    reduce: redisReduce(config),
  };
}
