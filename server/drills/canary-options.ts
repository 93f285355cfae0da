/** What canaries need, out of the configuration. */
import { redisLogin } from '#server/config/acting.ts';
import type { LoadedConfig } from '#server/config/load.ts';
import type { CanaryOptions } from './canary.ts';

/** What of the configuration canaries work with. */
export type CanaryConfig = Pick<LoadedConfig, 'entrances' | 'acting' | 'redis' | 'celery'>;

/** Null where no entrances are configured, or there are no credentials to act. */
export function canaryOptions(
  { entrances, acting, redis = {}, celery }: CanaryConfig,
  { queues, perSecond }: Pick<CanaryOptions, 'queues' | 'perSecond'>,
): CanaryOptions | null {
  const actor = acting?.rabbitmq;
  if (entrances === undefined || actor === undefined) return null;
  const { user, password } = redisLogin(celery?.results.service ?? Object.keys(redis)[0] ?? '', { acting, redis });
  return {
    ...{ brokers: entrances.broker, results: entrances.results, queues, perSecond },
    login: { user: actor.user, password: actor.password as string },
    resultsLogin: password === undefined ? undefined : { user, password },
    keyPrefix: celery?.results.keyPrefix,
  };
}
