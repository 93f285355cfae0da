/** Puts the verbs together from the configuration. They connect when they are used. */
import type { Model } from '#lib/model/model.ts';
import { consulToken, proxySocket, redisLogin, sentinelLogin } from '#server/config/acting.ts';
import type { LoadedConfig } from '#server/config/load.ts';
import type { RedisLogin } from '#server/redis/login.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { createConsulActions } from './consul-actions.ts';
import type { EstateActions } from './estate-actions.ts';
import { type ExecutorTarget, type PlaceholderValues, ROLE_OF_KIND } from './executor.ts';
import { type Commands, createCommandExecutor } from './executor-command.ts';
import { createHaproxyActions } from './haproxy-actions.ts';
import { createRabbitmqActions } from './rabbitmq-actions.ts';
import { createRedisActions } from './redis-actions.ts';
import { createSentinelFailover } from './sentinel-failover.ts';

/** What of the configuration the verbs work with. */
export type EstateConfig = Pick<LoadedConfig, 'hosts' | 'rabbitmq' | 'redis' | 'haproxy' | 'consul' | 'acting'>;

export type EstateActionsOptions = {
  config: EstateConfig;
  /** The commands of `drills.executor`. */
  commands: Commands;
  /** The estate now: which service a Redis node belongs to, what an entity is called. */
  model(): Model;
  clock: TimerClock;
};

/** The verbs; null where the configuration has no `acting:`: then Trellis can only look. */
export function createEstateActions({ config, commands, model, clock }: EstateActionsOptions): EstateActions | null {
  if (config.acting === undefined) return null;
  const actor = config.acting.rabbitmq;
  const redis = createRedisActions({ clock, loginOf: (address) => loginOf(address, config, model()) });
  return {
    redis: {
      ...redis,
      failover: createSentinelFailover({ clock, serviceOf: (service) => sentinelService(service, config) }),
    },
    haproxy: createHaproxyActions({ clock, socketOf: (proxy) => proxySocket(proxy, config) }),
    rabbitmq: createRabbitmqActions({
      clock,
      management: Object.values(config.rabbitmq?.nodes ?? {}).map(({ management }) => management),
      login: actor === undefined ? null : { user: actor.user, password: actor.password as string },
    }),
    consul: createConsulActions({ clock, agents: config.consul?.agents ?? [], token: consulToken(config) }),
    executor: createCommandExecutor({ commands, valuesOf: (target) => valuesOf(target, config, model()), clock }),
  };
}

/** By the service that the node belongs to, as far as that is known; one service needs no telling. */
function loginOf(address: string, config: EstateConfig, model: Model): RedisLogin {
  const { redis = {} } = config;
  const told = Object.values(model.redisNodes).find((node) => node.address === address)?.service;
  const services = Object.keys(redis);
  const named = services.find((one) => redis[one]?.nodes.includes(address));
  return redisLogin(told ?? named ?? (services.length === 1 ? (services[0] ?? '') : ''), config);
}

function sentinelService(name: string, config: EstateConfig) {
  const { redis = {} } = config;
  const service = Object.hasOwn(redis, name) ? redis[name] : undefined;
  return service === undefined ? null : { masterName: service.master, login: sentinelLogin(name, config) };
}

function valuesOf({ kind, id, host }: ExecutorTarget, { hosts }: EstateConfig, model: Model): PlaceholderValues {
  const entities = (model as Readonly<Record<string, Readonly<Record<string, object>>>>)[kind] ?? {};
  const entity = (Object.hasOwn(entities, id) ? entities[id] : undefined) as { name?: unknown } | undefined;
  return {
    ...{ id, host, role: Object.hasOwn(ROLE_OF_KIND, kind) ? (ROLE_OF_KIND[kind] ?? null) : null },
    name: typeof entity?.name === 'string' ? entity.name : id,
    address: host !== null && Object.hasOwn(hosts, host) ? (hosts[host] ?? null) : null,
  };
}
