/** Consul as a source. */
import { createRequestLog } from '#server/sources/request-log.ts';
import type { Source } from '#server/sources/source.ts';
import type { ConsulConfig } from './config.ts';
import { consulEndpoints } from './observe.ts';
import { consulReduce } from './reduce.ts';

/** Small reads, answered from memory; the locks are asked of one agent at a time. */
const REST_PER_AGENT = 2.5;
const BURST_PER_AGENT = 12;
const REST_FOR_CLUSTER = 3;

/** Watches the configured agents and locks. */
export function consulSource(config: ConsulConfig, clock: () => number): Source {
  const requests = createRequestLog(clock);
  const agents = config.agents.length;
  return {
    kind: 'consul',
    budget: { atRest: REST_PER_AGENT * agents + REST_FOR_CLUSTER, inBurst: BURST_PER_AGENT * agents },
    requests,
    endpoints: consulEndpoints(config, requests),
    reduce: consulReduce(config),
  };
}
