/** From RabbitMQ's answers to broker nodes, queues and workers. Pure. */
import type { Claim } from '#lib/model/claims.ts';
import {
  type AmqpLink,
  type BrokerNode,
  type MessageRates,
  type Policy,
  type Queue,
  type Replication,
  scopedId,
  type Worker,
} from '#lib/model/rabbitmq.ts';
import { readingKey } from '#lib/model/reading.ts';
import { hostOf } from '#server/model/correlate.ts';
import { answersTo, type Latest, type Reduce, type ReduceContext, type Slice } from '#server/model/fold.ts';
import { endpointEntities } from '#server/sources/endpoints.ts';
import type { RabbitmqConfig } from './config.ts';
import {
  AMQP_READING,
  type AmqpPayload,
  type ConsumersPayload,
  type CriticalPayload,
  type EffectiveConfigPayload,
  type FeatureFlagsPayload,
  type NodesPayload,
  type OverviewPayload,
  type OwnPayload,
  type PoliciesPayload,
  type QueueStatsPayload,
  type QueuesPayload,
} from './payloads.ts';

/** The reducer for the configured nodes. */
export function rabbitmqReduce(config: Pick<RabbitmqConfig, 'nodes'>): Reduce {
  const queues = rememberLast(queueSlice);
  const configured = Object.keys(config.nodes);
  return (latest, context) => ({
    brokerNodes: brokerNodes(config, latest, context),
    ...clusters(latest),
    ...policies(latest),
    ...queues(
      answersTo<QueuesPayload>(latest, 'queues')[0],
      answersTo<QueueStatsPayload>(latest, 'queue-stats')[0],
      answersTo<PoliciesPayload>(latest, 'policies')[0]?.data,
      clusterSize(configured, latest),
    ),
    ...workers(latest, context),
    endpoints: endpoints(latest),
  });
}

function brokerNodes(
  config: Pick<RabbitmqConfig, 'nodes'>,
  latest: readonly Latest[],
  context: ReduceContext,
): Record<string, BrokerNode> {
  const views = answersTo<NodesPayload>(latest, 'nodes').map((view) => ({
    by: view.by,
    nodes: new Map(view.data.map((node) => [node.name, node])),
  }));
  const owns = new Map(answersTo<OwnPayload>(latest, 'own').map((own) => [own.endpoint, own]));
  const ids = new Set([...Object.keys(config.nodes), ...views.flatMap((view) => [...view.nodes.keys()])]);
  return Object.fromEntries(
    [...ids].map((id) => {
      const configured = Object.hasOwn(config.nodes, id) ? config.nodes[id] : undefined;
      const own = owns.get(id);
      const running: Claim<boolean>[] = [];
      let beingDrained: boolean | null = null;
      for (const view of views) {
        const said = view.nodes.get(id);
        if (said !== undefined) running.push({ by: view.by, value: said.running });
        // A draining node closes its own listeners, so its peers' word counts as much as its own.
        if (said?.being_drained !== undefined) beingDrained = (beingDrained ?? false) || said.being_drained;
      }
      const partitions = own?.data.partitions;
      const address = configured?.amqp ?? null;
      const node: BrokerNode = {
        id,
        host:
          configured?.host ?? hostOf(address, context.hosts) ?? hostOf(urlHost(configured?.management), context.hosts),
        address,
        own: configured === undefined ? [] : [readingKey('rabbitmq', id, 'nodes')],
        running,
        partitions:
          own === undefined || partitions === undefined
            ? []
            : [{ by: own.by, value: [...partitions].sort().join(',') }],
        beingDrained,
        memoryAlarm: own?.data.mem_alarm ?? null,
        diskAlarm: own?.data.disk_free_alarm ?? null,
        memoryUsedBytes: own?.data.mem_used ?? null,
        memoryLimitBytes: own?.data.mem_limit ?? null,
        version: versionOf(own?.data),
        resourcesBy: own?.by ?? null,
        amqp: address === null ? null : amqpLink(id, latest),
        critical: criticalOf(id, latest),
      };
      return [id, node];
    }),
  );
}

function amqpLink(id: string, latest: readonly Latest[]): AmqpLink {
  const said = answersTo<AmqpPayload>(latest, AMQP_READING).find((one) => one.endpoint === id)?.data;
  return { by: readingKey('rabbitmq', id, AMQP_READING), blocked: said?.blocked ?? null, events: said?.events ?? null };
}

function criticalOf(id: string, latest: readonly Latest[]): BrokerNode['critical'] {
  const said = answersTo<CriticalPayload>(latest, 'critical').find((one) => one.endpoint === id)?.data;
  if (said === undefined) return null;
  const named = (check: CriticalPayload['mirrors']) => check?.queues.map((queue) => queue.name).sort() ?? null;
  return { mirrors: named(said.mirrors), quorum: named(said.quorum) };
}

function endpoints(latest: readonly Latest[]): NonNullable<Slice['endpoints']> {
  const owns = new Map(answersTo<OwnPayload>(latest, 'own').map((one) => [one.endpoint, one.data]));
  const links = new Map(answersTo<AmqpPayload>(latest, AMQP_READING).map((one) => [one.endpoint, one.data]));
  return endpointEntities(latest, (endpoint) => ({
    version: versionOf(owns.get(endpoint)),
    capabilities: links.get(endpoint)?.events === 'on' ? ['event exchange'] : [],
  }));
}

function versionOf(own: OwnPayload | undefined): string | null {
  return own?.applications?.find((application) => application.name === 'rabbit')?.version ?? null;
}

function clusters(latest: readonly Latest[]): Slice {
  const [overview] = answersTo<OverviewPayload>(latest, 'overview');
  if (overview === undefined) return {};
  const { cluster_name: name = null, message_stats: stats } = overview.data;
  const [flags] = answersTo<FeatureFlagsPayload>(latest, 'feature-flags');
  const disabled = flags?.data.filter((flag) => flag.state === 'disabled').map((flag) => flag.name);
  const disabledFlags = disabled?.sort() ?? null;
  const [effective] = answersTo<EffectiveConfigPayload>(latest, 'config');
  const partitionHandling = effective?.data.partitionHandling ?? null;
  return {
    brokerClusters: {
      rabbitmq: { id: 'rabbitmq', name, rates: ratesOf(stats), disabledFlags, partitionHandling, by: overview.by },
    },
  };
}

function ratesOf(stats: OverviewPayload['message_stats']): MessageRates {
  return {
    publish: stats?.publish_details?.rate ?? null,
    deliver: stats?.deliver_get_details?.rate ?? null,
    ack: stats?.ack_details?.rate ?? null,
  };
}

function policies(latest: readonly Latest[]): Slice {
  const [reading] = answersTo<PoliciesPayload>(latest, 'policies');
  if (reading === undefined) return {};
  const entities = reading.data.map((policy): [string, Policy] => {
    const { vhost, name, pattern, priority, definition } = policy;
    const id = scopedId(vhost, name);
    return [id, { id, vhost, name, pattern, appliesTo: policy['apply-to'], priority, definition, by: reading.by }];
  });
  return { policies: Object.fromEntries(entities) };
}

function urlHost(url: string | undefined): string | null {
  return url === undefined ? null : new URL(url).hostname;
}

const PIDBOX_SUFFIX = '.celery.pidbox';

/** Celery's own queues: each worker's remote control, replies to it, and event receivers. */
function isPlumbing(name: string): boolean {
  return name.endsWith(PIDBOX_SUFFIX) || name.endsWith('.reply.celery.pidbox') || name.startsWith('celeryev.');
}

type Answered<T> = { by: string; data: T };

/** Nodes of the cluster: those that are configured and those that any node knows. */
function clusterSize(configured: readonly string[], latest: readonly Latest[]): number {
  const seen = answersTo<NodesPayload>(latest, 'nodes').flatMap(({ data }) => data.map(({ name }) => name));
  return new Set([...configured, ...seen]).size;
}

type MakeQueues = (
  queues: Answered<QueuesPayload>,
  figures: Answered<QueueStatsPayload> | undefined,
  policies: PoliciesPayload | undefined,
  nodes: number,
) => Slice;

/** Ten thousand queues are made anew only when something that they are made of is: other readings come in between. */
function rememberLast(make: MakeQueues): (...made: [Answered<QueuesPayload> | undefined, ...Rest]) => Slice {
  let last: { of: readonly unknown[]; slice: Slice } | null = null;
  return (queues, figures, policies, nodes) => {
    if (queues === undefined) return {};
    const of = [queues.data, figures?.data, policies, nodes];
    if (last === null || of.some((one, i) => one !== last?.of[i])) {
      last = { of, slice: make(queues, figures, policies, nodes) };
    }
    return last.slice;
  };
}

type Rest = [Answered<QueueStatsPayload> | undefined, PoliciesPayload | undefined, number];

const queueSlice: MakeQueues = (reading, figures, policies, nodes) => {
  const definitions = new Map(policies?.map((one) => [scopedId(one.vhost, one.name), one.definition]));
  const figuresOf = new Map(figures?.data.map((queue) => [scopedId(queue.vhost, queue.name), queue]));
  return {
    queues: Object.fromEntries(
      reading.data.map((queue) => {
        const id = scopedId(queue.vhost, queue.name);
        const figure = figuresOf.get(id);
        const entity: Queue = {
          id,
          vhost: queue.vhost,
          name: queue.name,
          type: queue.type,
          state: queue.state ?? null,
          durable: queue.durable,
          exclusive: queue.exclusive,
          replication: replicationOf(queue, definitions.get(scopedId(queue.vhost, queue.policy ?? '')), nodes),
          policy: queue.policy ?? null,
          plumbing: isPlumbing(queue.name),
          consumers: figure?.consumers ?? null,
          ready: figure?.messages_ready ?? null,
          unacknowledged: figure?.messages_unacknowledged ?? null,
          syncMessages: figure?.sync_messages ?? null,
          rates: ratesOf(figure?.message_stats),
          by: reading.by,
          figuresBy: figures?.by ?? null,
        };
        return [entity.id, entity];
      }),
    ),
  };
};

type Definition = PoliciesPayload[number]['definition'];

/** One shape for classic mirrors (3.x: slave_nodes) and Raft members (quorum queues, streams). */
function replicationOf(queue: QueuesPayload[number], policy: Definition | undefined, nodes: number): Replication {
  const leader = queue.leader ?? queue.node ?? null;
  if (queue.members !== undefined) {
    const kind = queue.type === 'stream' ? 'stream' : 'quorum';
    const members = [...queue.members].sort();
    return { kind, leader, members, inSync: queue.online ? [...queue.online].sort() : null, wanted: members.length };
  }
  const first = leader === null ? [] : [leader];
  if (queue.slave_nodes === undefined) return { kind: 'none', leader, members: first, inSync: first, wanted: 1 };
  const members = [...first, ...queue.slave_nodes].sort();
  const synced = queue.synchronised_slave_nodes;
  const wanted = Math.max(members.length, Math.min(nodes, mirrorsWanted(policy)));
  return {
    kind: 'mirrors',
    leader,
    members,
    inSync: synced === undefined ? null : [...first, ...synced].sort(),
    wanted,
  };
}

/** Copies that a policy of classic mirrors asks for; 0 = none does. */
function mirrorsWanted(policy: Definition | undefined): number {
  const parameter = policy?.['ha-params'];
  switch (policy?.['ha-mode']) {
    case 'all':
      return Number.POSITIVE_INFINITY;
    case 'exactly':
      return typeof parameter === 'number' ? parameter : 0;
    case 'nodes':
      return Array.isArray(parameter) ? parameter.length : 0;
    default:
      return 0;
  }
}

/**
 * Workers are found by their remote-control queue (`celery@host-1.celery.pidbox`, deleted with the connection); the
 * connections behind it tell which task queues they consume and through which broker node.
 */
function workers(latest: readonly Latest[], context: ReduceContext): Slice {
  const [present] = answersTo<QueuesPayload>(latest, 'queues');
  if (present === undefined) return {};
  const [consumers] = answersTo<ConsumersPayload>(latest, 'consumers');
  const links = linksOf(consumers?.data ?? []);
  // A map: workers choose their names, and a record already has some (`constructor`).
  const found = new Map<string, Worker>();
  for (const queue of present.data) {
    if (!queue.name.endsWith(PIDBOX_SUFFIX) || queue.name.endsWith(`.reply${PIDBOX_SUFFIX}`)) continue;
    const id = queue.name.slice(0, -PIDBOX_SUFFIX.length);
    found.set(id, workerOf(id, present.by, links, context));
  }
  for (const [id, old] of Object.entries(context.previous.workers ?? {})) {
    if (found.has(id)) continue;
    found.set(id, { ...old, queues: [], brokerNodes: [], goneSince: old.goneSince ?? context.at });
  }
  return { workers: Object.fromEntries(found) };
}

type Link = { connection_name: string; node: string; peer_host?: string | undefined; queue: string };
type Links = { byQueue: ReadonlyMap<string, Link[]>; byConnection: ReadonlyMap<string, Link[]> };

function linksOf(consumers: ConsumersPayload): Links {
  const links = consumers.flatMap((one): Link[] =>
    one.channel_details === null ? [] : [{ ...one.channel_details, queue: one.queue.name }],
  );
  return {
    byQueue: Map.groupBy(links, (link) => link.queue),
    byConnection: Map.groupBy(links, (link) => link.connection_name),
  };
}

function workerOf(id: string, by: string, links: Links, context: ReduceContext): Worker {
  const mine = links.byQueue.get(`${id}${PIDBOX_SUFFIX}`) ?? [];
  const connections = new Set(mine.map((one) => one.connection_name));
  const all = [...connections].flatMap((name) => links.byConnection.get(name) ?? []);
  const taskQueues = all.map((one) => one.queue).filter((name) => !isPlumbing(name));
  const named = id.slice(id.indexOf('@') + 1);
  const host = Object.hasOwn(context.hosts, named) ? named : hostOf(mine[0]?.peer_host ?? null, context.hosts);
  return {
    id,
    host,
    queues: mine.length === 0 ? null : [...new Set(taskQueues)].sort(),
    brokerNodes: [...new Set(all.map((one) => one.node))].sort(),
    by,
    goneSince: null,
  };
}
