/** Redis under Sentinel as a source. */
import type { Source } from '#server/sources/source.ts';
import type { RedisConfig } from './config.ts';
import { configuredDataEndpoints, discoveredDataEndpoints, sentinelEndpoints } from './observe.ts';
import { redisReduce } from './reduce.ts';

/** Watches the configured Sentinels, and the data nodes that they name. */
export function redisSource(config: RedisConfig): Source {
  return {
    kind: 'redis',
    endpoints: [...sentinelEndpoints(config), ...configuredDataEndpoints(config)],
    discover: (model) => discoveredDataEndpoints(config, model),
    reduce: redisReduce(config),
  };
}
