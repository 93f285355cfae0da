/** The registry: one line a source. */
import type { Config } from '#server/config/schema.ts';
import type { ConfigWatch } from '#server/ingest/config-watch.ts';
import type { Ingest } from '#server/ingest/ingest.ts';
import type { Rule } from '#server/model/rule.ts';
import { SYSTEM_RULES } from '#server/model/rules/all.ts';
import { CELERY_RULES } from './celery/rules/all.ts';
import { celerySource } from './celery/source.ts';
import { CONSUL_RULES } from './consul/rules/all.ts';
import { consulSource } from './consul/source.ts';
import { HAPROXY_RULES } from './haproxy/rules/all.ts';
import { haproxySource } from './haproxy/source.ts';
import { RABBITMQ_RULES } from './rabbitmq/rules/all.ts';
import { rabbitmqSource } from './rabbitmq/source.ts';
import { REDIS_RULES } from './redis/rules/all.ts';
import { redisSource } from './redis/source.ts';
import type { Source } from './source.ts';

/** Every finding that Trellis can make. */
export const RULES: readonly Rule[] = [
  ...SYSTEM_RULES,
  ...RABBITMQ_RULES,
  ...REDIS_RULES,
  ...HAPROXY_RULES,
  ...CONSUL_RULES,
  ...CELERY_RULES,
];

/**
 * The sources that the configuration asks for; `clock` gives epoch milliseconds. Celery's events come from the intake: who
 * runs none (null) gets none; `configs` asks workers for their set-up.
 */
export function sourcesOf(
  config: Config,
  clock: () => number,
  ingest: Pick<Ingest, 'listen'> | null = null,
  configs: Pick<ConfigWatch, 'listen'> | null = null,
): Source[] {
  const sources = [
    config.rabbitmq && rabbitmqSource(config.rabbitmq, clock),
    config.redis && redisSource(config.redis, clock),
    config.haproxy && haproxySource(config.haproxy, clock),
    config.consul && consulSource(config.consul, clock),
    config.celery && ingest !== null ? celerySource(ingest, config.celery.events.queue, clock, configs) : undefined,
  ];
  return sources.filter((source) => source !== undefined);
}
