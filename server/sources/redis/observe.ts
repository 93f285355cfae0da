/** Reads every Sentinel and every Redis data node directly, never through a Sentinel-aware client: that would hide disagreement. */
import type { Model } from '#lib/model/model.ts';
import type { Endpoint } from '#server/sources/source.ts';
import { ProbeError } from '#server/sources/source.ts';
import type { RedisConfig, RedisServiceConfig } from './config.ts';
import { redisConnection } from './connection.ts';
import { dataEndpointId, sentinelEndpointId } from './endpoint-id.ts';
import { infoPayload, instanceOf, numberOrNull, pairs, type SentinelPayload } from './payloads.ts';

const INTERVAL_MS = 1_000;
const TIMEOUT_MS = 2_000;

type ServiceOfSentinel = { service: string; config: RedisServiceConfig };

/** One endpoint for each Sentinel address; a Sentinel that guards several services is asked about all of them at once. */
export function sentinelEndpoints(config: RedisConfig): Endpoint[] {
  const byAddress = new Map<string, ServiceOfSentinel[]>();
  for (const [service, one] of Object.entries(config)) {
    for (const address of one.sentinels) {
      byAddress.set(address, [...(byAddress.get(address) ?? []), { service, config: one }]);
    }
  }
  return [...byAddress].map(([address, services]) => sentinelEndpoint(address, services));
}

function sentinelEndpoint(address: string, services: readonly ServiceOfSentinel[]): Endpoint {
  const { sentinelUser: user, sentinelPassword: password } = services[0]?.config ?? {};
  const connection = redisConnection(address, { user, password: password as string | undefined });
  const commands = [['sentinel', 'masters'], ...services.map(({ config }) => ['sentinel', 'replicas', config.master])];
  return {
    id: sentinelEndpointId(address),
    probes: [
      {
        name: 'masters',
        intervalMs: INTERVAL_MS,
        timeoutMs: TIMEOUT_MS,
        ask: async (signal) => {
          const [masters, ...replicas] = await connection.ask(commands, signal);
          return { data: sentinelPayload(services, masters, replicas) };
        },
      },
    ],
    close: () => connection.close(),
  };
}

/** What one Sentinel says of the services it guards, out of its replies. @throws ProbeError */
export function sentinelPayload(
  services: readonly ServiceOfSentinel[],
  masters: unknown,
  replicas: unknown[],
): SentinelPayload {
  if (!Array.isArray(masters)) throw new ProbeError('protocol', 'SENTINEL MASTERS: expected a list');
  const records = masters.map(pairs);
  return services.map(({ service, config }, i) => {
    const list = replicas[i];
    if (!Array.isArray(list)) throw new ProbeError('protocol', 'SENTINEL REPLICAS: expected a list');
    const record = records.find((one) => one.name === config.master);
    const master =
      record === undefined
        ? null
        : {
            ...instanceOf(record),
            quorum: numberOrNull(record.quorum),
            downAfterMs: numberOrNull(record['down-after-milliseconds']),
            otherSentinels: numberOrNull(record['num-other-sentinels']),
          };
    return { service, master, replicas: list.map((one) => instanceOf(pairs(one))) };
  });
}

/** The data nodes that are configured from the start. */
export function configuredDataEndpoints(config: RedisConfig): Endpoint[] {
  return Object.entries(config).flatMap(([service, one]) =>
    one.nodes.map((address) => dataEndpoint(service, address, one)),
  );
}

/** The data nodes that Sentinels have named. */
export function discoveredDataEndpoints(config: RedisConfig, model: Model): { id: string; open(): Endpoint }[] {
  return Object.values(model.redisNodes).flatMap((node) => {
    const service = config[node.service];
    if (service === undefined) return [];
    const id = dataEndpointId(node.service, node.address);
    return [{ id, open: () => dataEndpoint(node.service, node.address, service) }];
  });
}

function dataEndpoint(service: string, address: string, config: RedisServiceConfig): Endpoint {
  const connection = redisConnection(address, { user: config.user, password: config.password as string | undefined });
  return {
    id: dataEndpointId(service, address),
    probes: [
      {
        name: 'info',
        intervalMs: INTERVAL_MS,
        timeoutMs: TIMEOUT_MS,
        ask: async (signal) => {
          const [text] = await connection.ask([['info']], signal);
          return { data: infoPayload(text) };
        },
      },
    ],
    close: () => connection.close(),
  };
}
