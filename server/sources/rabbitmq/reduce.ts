/** From RabbitMQ's answers to broker nodes, queues and workers. Pure. */
import type { Claim } from '#lib/model/claims.ts';
import type { BrokerNode, Queue, Replication, Worker } from '#lib/model/rabbitmq.ts';
import { readingKey } from '#lib/model/reading.ts';
import { hostOf } from '#server/model/correlate.ts';
import { answersTo, type Latest, type Reduce, type ReduceContext, type Slice } from '#server/model/fold.ts';
import type { RabbitmqConfig } from './config.ts';
import type { ConsumersPayload, NodesPayload, OwnPayload, QueuesPayload } from './payloads.ts';

/** The reducer for the configured nodes. */
export function rabbitmqReduce(config: Pick<RabbitmqConfig, 'nodes'>): Reduce {
  return (latest, context) => ({
    brokerNodes: brokerNodes(config, latest, context),
    ...queues(latest),
    ...workers(latest, context),
  });
}

function brokerNodes(
  config: Pick<RabbitmqConfig, 'nodes'>,
  latest: readonly Latest[],
  context: ReduceContext,
): Record<string, BrokerNode> {
  const views = answersTo<NodesPayload>(latest, 'nodes');
  const owns = new Map(answersTo<OwnPayload>(latest, 'own').map((own) => [own.endpoint, own]));
  const ids = new Set([...Object.keys(config.nodes), ...views.flatMap((view) => view.data.map((node) => node.name))]);
  return Object.fromEntries(
    [...ids].map((id) => {
      const configured = config.nodes[id];
      const own = owns.get(id);
      const running: Claim<boolean>[] = [];
      let beingDrained: boolean | null = null;
      for (const view of views) {
        const said = view.data.find((node) => node.name === id);
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
        version: own?.data.applications?.find((application) => application.name === 'rabbit')?.version ?? null,
        resourcesBy: own?.by ?? null,
      };
      return [id, node];
    }),
  );
}

function urlHost(url: string | undefined): string | null {
  return url === undefined ? null : new URL(url).hostname;
}

const PIDBOX_SUFFIX = '.celery.pidbox';

/** Celery's own queues: each worker's remote control, replies to it, and event receivers. */
function isPlumbing(name: string): boolean {
  return name.endsWith(PIDBOX_SUFFIX) || name.endsWith('.reply.celery.pidbox') || name.startsWith('celeryev.');
}

function queues(latest: readonly Latest[]): Slice {
  const [reading] = answersTo<QueuesPayload>(latest, 'queues');
  if (reading === undefined) return {};
  return {
    queues: Object.fromEntries(
      reading.data.map((queue) => {
        const entity: Queue = {
          id: `${queue.vhost}:${queue.name}`,
          vhost: queue.vhost,
          name: queue.name,
          type: queue.type,
          state: queue.state ?? null,
          durable: queue.durable,
          exclusive: queue.exclusive,
          replication: replicationOf(queue),
          policy: queue.policy ?? null,
          plumbing: isPlumbing(queue.name),
          consumers: null,
          by: reading.by,
        };
        return [entity.id, entity];
      }),
    ),
  };
}

/** One shape for classic mirrors (3.x: slave_nodes) and Raft members (quorum queues, streams). */
function replicationOf(queue: QueuesPayload[number]): Replication {
  const leader = queue.leader ?? queue.node ?? null;
  if (queue.members !== undefined) {
    const kind = queue.type === 'stream' ? 'stream' : 'quorum';
    return { kind, leader, members: [...queue.members].sort(), inSync: queue.online ? [...queue.online].sort() : null };
  }
  const first = leader === null ? [] : [leader];
  if (queue.slave_nodes === undefined) return { kind: 'none', leader, members: first, inSync: first };
  const members = [...first, ...queue.slave_nodes].sort();
  const inSync = queue.synchronised_slave_nodes;
  return { kind: 'mirrors', leader, members, inSync: inSync === undefined ? null : [...first, ...inSync].sort() };
}

/**
 * Workers are found by their remote-control queue (`celery@host-1.celery.pidbox`, deleted with the connection); the
 * connections behind it tell which task queues they consume and through which broker node.
 */
function workers(latest: readonly Latest[], context: ReduceContext): Slice {
  const [present] = answersTo<QueuesPayload>(latest, 'queues');
  if (present === undefined) return {};
  const [consumers] = answersTo<ConsumersPayload>(latest, 'consumers');
  const found: Record<string, Worker> = {};
  for (const queue of present.data) {
    if (!queue.name.endsWith(PIDBOX_SUFFIX) || queue.name.endsWith(`.reply${PIDBOX_SUFFIX}`)) continue;
    const id = queue.name.slice(0, -PIDBOX_SUFFIX.length);
    found[id] = workerOf(id, present.by, consumers?.data ?? [], context);
  }
  for (const [id, old] of Object.entries(context.previous.workers ?? {})) {
    found[id] ??= { ...old, queues: [], brokerNodes: [], goneSince: old.goneSince ?? context.at };
  }
  return { workers: found };
}

function workerOf(id: string, by: string, consumers: ConsumersPayload, context: ReduceContext): Worker {
  const details = consumers.flatMap((one) =>
    one.channel_details === null ? [] : [{ ...one.channel_details, queue: one.queue.name }],
  );
  const mine = details.filter((one) => one.queue === `${id}${PIDBOX_SUFFIX}`);
  const connections = new Set(mine.map((one) => one.connection_name));
  const all = details.filter((one) => connections.has(one.connection_name));
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
