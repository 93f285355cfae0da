/** The registry: one line a source. */
import type { Config } from '#server/config/schema.ts';
import { consulSource } from './consul/source.ts';
import { haproxySource } from './haproxy/source.ts';
import { rabbitmqSource } from './rabbitmq/source.ts';
import { redisSource } from './redis/source.ts';
import type { Source } from './source.ts';

/** The sources that the configuration asks for; `clock` gives epoch milliseconds. */
export function sourcesOf(config: Config, clock: () => number): Source[] {
  const sources = [
    config.rabbitmq && rabbitmqSource(config.rabbitmq, clock),
    config.redis && redisSource(config.redis, clock),
    config.haproxy && haproxySource(config.haproxy, clock),
    config.consul && consulSource(config.consul, clock),
  ];
  return sources.filter((source) => source !== undefined);
}
