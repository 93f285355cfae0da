/** Consul as a source. */
import type { Source } from '#server/sources/source.ts';
import type { ConsulConfig } from './config.ts';
import { consulEndpoints } from './observe.ts';
import { consulReduce } from './reduce.ts';

/** Watches the configured agents and locks. */
export function consulSource(config: ConsulConfig): Source {
  return { kind: 'consul', endpoints: consulEndpoints(config), reduce: consulReduce(config) };
}
