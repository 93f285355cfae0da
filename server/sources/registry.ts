/** The registry: one line a source. */
import type { Config } from '#server/config/schema.ts';
import { consulSource } from './consul/source.ts';
import { haproxySource } from './haproxy/source.ts';
import { rabbitmqSource } from './rabbitmq/source.ts';
import { redisSource } from './redis/source.ts';
import type { Source } from './source.ts';

/** The sources that the configuration asks for. */
export function sourcesOf(config: Config): Source[] {
  const sources = [
    config.rabbitmq && rabbitmqSource(config.rabbitmq),
    config.redis && redisSource(config.redis),
    config.haproxy && haproxySource(config.haproxy),
    config.consul && consulSource(config.consul),
  ];
  return sources.filter((source) => source !== undefined);
}
