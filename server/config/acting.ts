/** With what Trellis acts on each system: what `acting:` of trellis.yaml says and, but for RabbitMQ, what it reads with where that is silent. */
import { z } from 'zod';
import type { RedisLogin } from '#server/redis/login.ts';
import { type ProxyConfig, proxyId } from '#server/sources/haproxy/config.ts';
import type { RedisConfig } from '#server/sources/redis/config.ts';
import { addressPort, secret } from './fields.ts';

const actingRedis = z.strictObject({
  user: z.string().min(1).optional(),
  password: secret.optional(),
  sentinelUser: z.string().min(1).optional(),
  sentinelPassword: secret.optional(),
});

export const actingConfig = z.strictObject({
  rabbitmq: z.strictObject({ user: z.string().min(1), password: secret }).optional(),
  /** By the names under `redis:`. */
  redis: z.record(z.string().min(1), actingRedis).default({}),
  /** Name of a proxy to its runtime socket of level admin. */
  haproxy: z.record(z.string().min(1), addressPort).default({}),
  consul: z.strictObject({ token: secret }).optional(),
});

/** What of the configuration is looked at. */
export type ActingSections = {
  acting?: z.infer<typeof actingConfig> | undefined;
  rabbitmq?: unknown;
  redis?: RedisConfig | undefined;
  haproxy?: readonly ProxyConfig[] | undefined;
  consul?: { token?: unknown } | undefined;
};

/** At the data nodes of a service, and for its results. Secrets are text once the configuration is loaded. */
export function redisLogin(service: string, { acting, redis }: ActingSections): RedisLogin {
  const own = ownOf(acting?.redis, service);
  const from = own?.password === undefined ? ownOf(redis, service) : own;
  return { user: from?.user, password: from?.password as string | undefined };
}

/** At the Sentinels of a service. */
export function sentinelLogin(service: string, { acting, redis }: ActingSections): RedisLogin {
  const own = ownOf(acting?.redis, service);
  const from = own?.sentinelPassword === undefined ? ownOf(redis, service) : own;
  return { user: from?.sentinelUser, password: from?.sentinelPassword as string | undefined };
}

/** The runtime socket of a proxy, as `address:port`; null = none is configured. */
export function proxySocket(proxy: string, { acting, haproxy = [] }: ActingSections): string | null {
  return ownOf(acting?.haproxy, proxy) ?? haproxy.find((one) => proxyId(one) === proxy)?.socket ?? null;
}

/** The proxies that can be told. */
export function proxiesWithSocket(sections: ActingSections): string[] {
  return (sections.haproxy ?? []).map(proxyId).filter((id) => proxySocket(id, sections) !== null);
}

/** Consul's token; undefined = none is needed. */
export function consulToken({ acting, consul }: ActingSections): string | undefined {
  return (acting?.consul?.token ?? consul?.token) as string | undefined;
}

/** Lines for users without a password, and for what nothing else of the configuration knows; each led by its key. */
export function actingProblems({ acting, rabbitmq, redis = {}, haproxy = [], consul }: ActingSections): string[] {
  const proxies = new Set(haproxy.map(proxyId));
  const missing = (key: string, user: string | undefined, password: unknown) =>
    user !== undefined && password === undefined ? [`acting.redis.${key}: missing`] : [];
  const alone = (key: string, own: unknown, read: unknown) =>
    own !== undefined && read === undefined ? [`acting.${key}: there is no ${key}: section`] : [];
  return [
    ...alone('rabbitmq', acting?.rabbitmq, rabbitmq),
    ...alone('consul', acting?.consul, consul),
    ...Object.entries(acting?.redis ?? {}).flatMap(([name, login]) => [
      ...(Object.hasOwn(redis, name) ? [] : [`acting.redis.${name}: ${name} is not under redis:`]),
      ...missing(`${name}.password`, login.user, login.password),
      ...missing(`${name}.sentinelPassword`, login.sentinelUser, login.sentinelPassword),
    ]),
    ...Object.keys(acting?.haproxy ?? {}).flatMap((name) =>
      proxies.has(name) ? [] : [`acting.haproxy.${name}: no proxy under haproxy: has this name`],
    ),
  ];
}

function ownOf<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
