/** Consul as a source. */
import { createRequestLog } from '#server/sources/request-log.ts';
import type { Source } from '#server/sources/source.ts';
import type { ConsulConfig } from './config.ts';
import { consulEndpoints } from './observe.ts';
import { consulReduce } from './reduce.ts';

/** Five requests a second for three agents at rest, one more for each further one. */
const REST_PER_SECOND = 5;
const REST_PER_FURTHER_AGENT = 1;
const BURST_PER_SECOND = 20;
const SMALL_CLUSTER = 3;

/** Watches the configured agents and locks. */
export function consulSource(config: ConsulConfig, clock: () => number): Source {
  const requests = createRequestLog(clock);
  const further = Math.max(0, config.agents.length - SMALL_CLUSTER);
  return {
    kind: 'consul',
    budget: { atRest: REST_PER_SECOND + REST_PER_FURTHER_AGENT * further, inBurst: BURST_PER_SECOND },
    requests,
    endpoints: consulEndpoints(config, requests),
    reduce: consulReduce(config),
  };
}
