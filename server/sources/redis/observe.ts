/** Reads every Sentinel and every Redis data node directly, never through a Sentinel-aware client: that would hide disagreement. */
import type { Model } from '#lib/model/model.ts';
import type { RequestLog } from '#server/sources/request-log.ts';
import type { Endpoint } from '#server/sources/source.ts';
import { ProbeError } from '#server/sources/source.ts';
import type { RedisConfig, RedisServiceConfig } from './config.ts';
import { redisConnection } from './connection.ts';
import { dataEndpointId, sentinelEndpointId } from './endpoint-id.ts';
import { createEventFeed, EVENTS_INTERVAL_MS, EVENTS_READING } from './event-feed.ts';
import {
  infoFields,
  infoPayload,
  instanceOf,
  numberOrNull,
  pairs,
  type QuorumPayload,
  type SentinelInstance,
  type SentinelPayload,
} from './payloads.ts';

const INTERVAL_MS = 1_000;
const QUORUM_INTERVAL_MS = 5_000;
const TIMEOUT_MS = 2_000;

type ServiceOfSentinel = { service: string; config: RedisServiceConfig };

/** What every Redis endpoint needs besides the configuration. */
export type RedisContext = { requests: RequestLog; clock: () => number };

/** One endpoint for each Sentinel address; a Sentinel that guards several services is asked about all of them at once. */
export function sentinelEndpoints(config: RedisConfig, context: RedisContext): Endpoint[] {
  const byAddress = new Map<string, ServiceOfSentinel[]>();
  for (const [service, one] of Object.entries(config)) {
    for (const address of one.sentinels) {
      byAddress.set(address, [...(byAddress.get(address) ?? []), { service, config: one }]);
    }
  }
  return [...byAddress].map(([address, services]) => sentinelEndpoint(address, services, context));
}

function sentinelEndpoint(address: string, services: readonly ServiceOfSentinel[], context: RedisContext): Endpoint {
  const { sentinelUser: user, sentinelPassword } = services[0]?.config ?? {};
  const credentials = { user, password: sentinelPassword as string | undefined };
  const connection = redisConnection(address, credentials);
  const feed = createEventFeed(address, credentials, context.clock);
  const id = sentinelEndpointId(address);
  const lists = ['replicas', 'sentinels'];
  const sentinels = [
    ['sentinel', 'masters'],
    ...services.flatMap(({ config }) => lists.map((list) => ['sentinel', list, config.master])),
  ];
  const quorum = [['info'], ...services.map(({ config }) => ['sentinel', 'ckquorum', config.master])];
  return {
    id,
    probes: [
      {
        ...{ name: 'masters', intervalMs: INTERVAL_MS, timeoutMs: TIMEOUT_MS, bursts: true },
        ask: async (signal) => {
          context.requests.sent(id);
          const [masters, ...known] = await connection.ask(sentinels, signal);
          return { data: sentinelPayload(services, masters, known) };
        },
      },
      {
        ...{ name: 'quorum', intervalMs: QUORUM_INTERVAL_MS, timeoutMs: TIMEOUT_MS },
        ask: async (signal) => {
          context.requests.sent(id);
          const [info, ...checks] = await connection.ask(quorum, signal, (error) =>
            error.message.startsWith('NOQUORUM'),
          );
          return { data: quorumPayload(services, info, checks) };
        },
      },
      {
        ...{ name: EVENTS_READING, intervalMs: EVENTS_INTERVAL_MS, timeoutMs: TIMEOUT_MS },
        ask: (signal) => {
          context.requests.sent(id);
          return feed.ask(signal);
        },
      },
    ],
    subscribe: feed.subscribe,
    close() {
      connection.close();
      feed.close();
    },
  };
}

function quorumPayload(services: readonly ServiceOfSentinel[], info: unknown, checks: unknown[]): QuorumPayload {
  const fields = infoFields(info);
  return {
    checks: services.map(({ service }, i) => {
      const text = checks[i];
      if (typeof text !== 'string' || !/^(OK|NOQUORUM)\b/.test(text)) {
        throw new ProbeError('protocol', 'SENTINEL CKQUORUM: neither OK nor NOQUORUM');
      }
      return { service, ok: text.startsWith('OK'), text };
    }),
    tilt: fields.sentinel_tilt === undefined ? null : fields.sentinel_tilt !== '0',
    version: fields.valkey_version ?? fields.redis_version ?? null,
  };
}

/**
 * What one Sentinel says of the services it guards, out of its replies: the masters, and for each service its replicas
 * and its other Sentinels. @throws ProbeError
 */
export function sentinelPayload(
  services: readonly ServiceOfSentinel[],
  masters: unknown,
  known: readonly unknown[],
): SentinelPayload {
  if (!Array.isArray(masters)) throw new ProbeError('protocol', 'SENTINEL MASTERS: expected a list');
  const records = masters.map(pairs);
  return services.map(({ service, config }, i) => {
    const record = records.find((one) => one.name === config.master);
    const master =
      record === undefined
        ? null
        : {
            ...instanceOf(record),
            quorum: numberOrNull(record.quorum),
            downAfterMs: numberOrNull(record['down-after-milliseconds']),
            failoverTimeoutMs: numberOrNull(record['failover-timeout']),
            otherSentinels: numberOrNull(record['num-other-sentinels']),
          };
    const replicas = instances(known[2 * i], 'SENTINEL REPLICAS');
    const peers = instances(known[2 * i + 1], 'SENTINEL SENTINELS');
    return { service, master, replicas, peers };
  });
}

function instances(reply: unknown, command: string): SentinelInstance[] {
  if (!Array.isArray(reply)) throw new ProbeError('protocol', `${command}: expected a list`);
  return reply.map((one) => instanceOf(pairs(one)));
}

/** The data nodes that are configured from the start. */
export function configuredDataEndpoints(config: RedisConfig, context: RedisContext): Endpoint[] {
  return Object.entries(config).flatMap(([service, one]) =>
    one.nodes.map((address) => dataEndpoint(service, address, one, context)),
  );
}

/** The data nodes that Sentinels have named. */
export function discoveredDataEndpoints(
  config: RedisConfig,
  model: Model,
  context: RedisContext,
): { id: string; open(): Endpoint }[] {
  return Object.values(model.redisNodes).flatMap((node) => {
    const service = config[node.service];
    if (service === undefined) return [];
    const id = dataEndpointId(node.service, node.address);
    return [{ id, open: () => dataEndpoint(node.service, node.address, service, context) }];
  });
}

function dataEndpoint(service: string, address: string, config: RedisServiceConfig, context: RedisContext): Endpoint {
  const connection = redisConnection(address, { user: config.user, password: config.password as string | undefined });
  const id = dataEndpointId(service, address);
  return {
    id,
    probes: [
      {
        name: 'info',
        intervalMs: INTERVAL_MS,
        timeoutMs: TIMEOUT_MS,
        bursts: true,
        ask: async (signal) => {
          context.requests.sent(id);
          const [text] = await connection.ask([['info']], signal);
          return { data: infoPayload(text) };
        },
      },
    ],
    close: () => connection.close(),
  };
}
