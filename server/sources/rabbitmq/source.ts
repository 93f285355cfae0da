/** RabbitMQ as a source. */
import type { Source } from '#server/sources/source.ts';
import type { RabbitmqConfig } from './config.ts';
import { rabbitmqEndpoints } from './observe.ts';
import { rabbitmqReduce } from './reduce.ts';

/** Watches the configured nodes. */
export function rabbitmqSource(config: RabbitmqConfig): Source {
  return { kind: 'rabbitmq', endpoints: rabbitmqEndpoints(config), reduce: rabbitmqReduce(config) };
}
