/** RabbitMQ as a source. */
import { createRequestLog } from '#server/sources/request-log.ts';
import type { Source } from '#server/sources/source.ts';
import type { RabbitmqConfig } from './config.ts';
import { rabbitmqEndpoints } from './observe.ts';
import { rabbitmqReduce } from './reduce.ts';

/** A cluster of three answers five requests a second at rest, two more for each further node. */
const REST_PER_SECOND = 5;
const REST_PER_FURTHER_NODE = 2;
const BURST_PER_SECOND = 20;
const SMALL_CLUSTER = 3;

/** Watches the configured nodes. */
export function rabbitmqSource(config: RabbitmqConfig, clock: () => number): Source {
  const requests = createRequestLog(clock);
  const further = Math.max(0, Object.keys(config.nodes).length - SMALL_CLUSTER);
  return {
    kind: 'rabbitmq',
    budget: { atRest: REST_PER_SECOND + REST_PER_FURTHER_NODE * further, inBurst: BURST_PER_SECOND },
    requests,
    endpoints: rabbitmqEndpoints(config, requests),
    reduce: rabbitmqReduce(config),
  };
}
