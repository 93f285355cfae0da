/** From the answers of Sentinels and data nodes to services, nodes and Sentinels. Pure. */
import type { Claim } from '#lib/model/claims.ts';
import { readingKey } from '#lib/model/reading.ts';
import type { RedisNode, RedisRole, RedisService, Sentinel, SentinelView } from '#lib/model/redis.ts';
import { hostOf } from '#server/model/correlate.ts';
import { answersTo, type Latest, type Reduce, type ReduceContext } from '#server/model/fold.ts';
import { endpointEntities } from '#server/sources/endpoints.ts';
import type { RedisConfig } from './config.ts';
import { sentinelEndpointId } from './endpoint-id.ts';
import type { InfoPayload, QuorumPayload, SentinelEvent, SentinelInstance, SentinelPayload } from './payloads.ts';

type SentinelReading = { by: string; address: string; views: SentinelPayload };
type InfoReading = { by: string; info: InfoPayload };

/** The reducer for the configured services. */
export function redisReduce(config: RedisConfig): Reduce {
  const addresses = [...new Set(Object.values(config).flatMap((service) => service.sentinels))];
  return (latest, context) => {
    const sentinels = sentinelReadings(latest);
    const infos = infoReadings(latest);
    const services = Object.keys(config);
    const versions = versionsOf(latest);
    return {
      endpoints: endpointEntities(latest, (endpoint) => ({ version: versions.get(endpoint) })),
      redisServices: Object.fromEntries(services.map((id) => [id, serviceOf(id, config, sentinels)])),
      redisNodes: Object.fromEntries(
        services.flatMap((id) => nodesOf(id, config, sentinels, infos, context)).map((node) => [node.id, node]),
      ),
      sentinels: Object.fromEntries(
        addresses.map((address) => [address, sentinelOf(address, sentinels, latest, context)]),
      ),
    };
  };
}

function sentinelReadings(latest: readonly Latest[]): SentinelReading[] {
  return answersTo<SentinelPayload>(latest, 'masters').map(({ by, endpoint, data }) => ({
    by,
    address: endpoint.replace(/^sentinel@/, ''),
    views: data,
  }));
}

function infoReadings(latest: readonly Latest[]): ReadonlyMap<string, InfoReading> {
  return new Map(
    answersTo<InfoPayload>(latest, 'info').map(({ by, endpoint, data }) => [endpoint, { by, info: data }]),
  );
}

function versionsOf(latest: readonly Latest[]): ReadonlyMap<string, string | null> {
  const versioned = [...answersTo<QuorumPayload>(latest, 'quorum'), ...answersTo<InfoPayload>(latest, 'info')];
  return new Map(versioned.map((one) => [one.endpoint, one.data.version]));
}

type View = SentinelPayload[number];

function viewsOf(service: string, sentinels: readonly SentinelReading[]): { by: string; view: View }[] {
  return sentinels.flatMap(({ by, views }) =>
    views.filter((view) => view.service === service).map((view) => ({ by, view })),
  );
}

function serviceOf(id: string, config: RedisConfig, sentinels: readonly SentinelReading[]): RedisService {
  const views = viewsOf(id, sentinels);
  const masters = views.flatMap(({ by, view }) => (view.master === null ? [] : [{ by, master: view.master }]));
  return {
    id,
    masterName: config[id]?.master ?? id,
    master: masters.map(({ by, master }) => ({ by, value: master.address })),
    epoch: masters.flatMap(({ by, master }) => (master.epoch === null ? [] : [{ by, value: master.epoch }])),
    quorum: masters[0]?.master.quorum ?? null,
    downAfterMs: masters[0]?.master.downAfterMs ?? null,
    failoverTimeoutMs: masters[0]?.master.failoverTimeoutMs ?? null,
  };
}

/** Down in a Sentinel's own opinion, or in that of the quorum. */
function isUp(instance: SentinelInstance): boolean {
  return !instance.flags.includes('s_down') && !instance.flags.includes('o_down');
}

function nodesOf(
  service: string,
  config: RedisConfig,
  sentinels: readonly SentinelReading[],
  infos: ReadonlyMap<string, InfoReading>,
  context: ReduceContext,
): RedisNode[] {
  const opinions = viewsOf(service, sentinels).flatMap(({ by, view }) => [
    ...(view.master === null ? [] : [{ by, role: 'master' as RedisRole, instance: view.master }]),
    ...view.replicas.map((instance) => ({ by, role: 'replica' as RedisRole, instance })),
  ]);
  const byAddress = Map.groupBy(opinions, (one) => one.instance.address);
  const addresses = new Set([...(config[service]?.nodes ?? []), ...byAddress.keys()]);
  return [...addresses].sort().map((address): RedisNode => {
    const id = `${service}/${address}`;
    const own = infos.get(id);
    const info = own?.info;
    const heard = byAddress.get(address) ?? [];
    const role: Claim<RedisRole>[] = heard.map((one) => ({ by: one.by, value: one.role }));
    const host = hostOf(address, context.hosts);
    return {
      id,
      service,
      name: `redis@${host ?? address}`,
      address,
      host,
      own: readingKey('redis', id, 'info'),
      role: own === undefined ? role : [{ by: own.by, value: own.info.role }, ...role],
      up: heard.map((one) => ({ by: one.by, value: isUp(one.instance) })),
      linkUp: info?.linkUp ?? null,
      masterAddress: info?.masterAddress ?? null,
      offset: info?.offset ?? null,
      connectedReplicas: info?.connectedReplicas ?? null,
      opsPerSecond: info?.opsPerSecond ?? null,
      memoryUsedBytes: info?.memoryUsedBytes ?? null,
      priority: info?.priority ?? null,
      wantsReplicas: info?.wantsReplicas ?? null,
      appendOnly: info?.appendOnly ?? null,
      version: info?.version ?? null,
    };
  });
}

function sentinelOf(
  address: string,
  sentinels: readonly SentinelReading[],
  latest: readonly Latest[],
  context: ReduceContext,
): Sentinel {
  const host = hostOf(address, context.hosts);
  const reading = sentinels.find((one) => one.address === address);
  const endpoint = sentinelEndpointId(address);
  const quorum = answersTo<QuorumPayload>(latest, 'quorum').find((one) => one.endpoint === endpoint)?.data;
  const events = answersTo<SentinelEvent[]>(latest, 'events').find((one) => one.endpoint === endpoint)?.data;
  return {
    id: address,
    name: `sentinel@${host ?? address}`,
    host,
    own: readingKey('redis', sentinelEndpointId(address), 'masters'),
    up: peersOpinions(address, sentinels),
    views: (reading?.views ?? []).map(
      (view): SentinelView => ({
        service: view.service,
        masterAddress: view.master?.address ?? null,
        epoch: view.master?.epoch ?? null,
        flags: view.master?.flags ?? [],
        replicas: view.master === null ? null : view.replicas.length,
        otherSentinels: view.master?.otherSentinels ?? null,
        quorum: quorumOf(view.service, quorum),
      }),
    ),
    tilt: quorum?.tilt ?? null,
    events: events ?? [],
  };
}

/** One claim for each Sentinel that knows this one; of several services the worst opinion counts. */
function peersOpinions(address: string, sentinels: readonly SentinelReading[]): Claim<boolean>[] {
  return sentinels.flatMap(({ by, views }) => {
    const known = views.flatMap((view) => view.peers.filter((peer) => peer.address === address));
    return known.length === 0 ? [] : [{ by, value: known.every(isUp) }];
  });
}

function quorumOf(service: string, quorum: QuorumPayload | undefined): SentinelView['quorum'] {
  const check = quorum?.checks.find((one) => one.service === service);
  return check === undefined ? null : { ok: check.ok, text: check.text };
}
