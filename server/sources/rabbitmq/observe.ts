/** Reads RabbitMQ through each node's own management API. */
import { getJson } from '#server/sources/http-json.ts';
import { parsePayload } from '#server/sources/parse.ts';
import { createRotation } from '#server/sources/rotation.ts';
import type { Endpoint, Probe } from '#server/sources/source.ts';
import type { RabbitmqConfig } from './config.ts';
import { consumersPayload, nodesPayload, ownPayload, queuesPayload } from './payloads.ts';

const LIVE_INTERVAL_MS = 1_000;
const CONSUMERS_INTERVAL_MS = 3_000;
const STATS_INTERVAL_MS = 5_000;
const TIMEOUT_MS = 2_000;
/** One member's share of a question that any member can answer. */
const MEMBER_TIMEOUT_MS = 1_500;
const CLUSTER_TIMEOUT_MS = 6_000;

type Member = { name: string; url: string };

/**
 * Endpoints: every node by its name (its own view of the cluster, its own resources), and `cluster` for what any node
 * can tell about all (queues, consumers), asked of one node at a time.
 */
export function rabbitmqEndpoints(config: RabbitmqConfig): Endpoint[] {
  const authorization = `Basic ${Buffer.from(`${config.user}:${config.password as string}`).toString('base64')}`;
  const members = Object.entries(config.nodes).map(([name, node]) => ({
    name,
    url: node.management.replace(/\/$/, ''),
  }));
  const get = (url: string, signal: AbortSignal) => getJson(url, { headers: { authorization }, signal });
  const rotation = createRotation(members, MEMBER_TIMEOUT_MS);

  const own = (member: Member): Endpoint => ({
    id: member.name,
    probes: [
      {
        name: 'nodes',
        intervalMs: LIVE_INTERVAL_MS,
        timeoutMs: TIMEOUT_MS,
        ask: async (signal) => {
          const body = await get(`${member.url}/api/nodes?disable_stats=true`, signal);
          return { data: parsePayload(nodesPayload, body, '/api/nodes') };
        },
      },
      {
        name: 'own',
        intervalMs: STATS_INTERVAL_MS,
        timeoutMs: TIMEOUT_MS,
        ask: async (signal) => {
          const path = `/api/nodes/${encodeURIComponent(member.name)}`;
          const body = await get(`${member.url}${path}`, signal);
          return { data: slimOwn(parsePayload(ownPayload, body, path)) };
        },
      },
    ],
    close() {},
  });

  const cluster: Endpoint = {
    id: 'cluster',
    probes: [
      clusterProbe('queues', LIVE_INTERVAL_MS, (signal) =>
        rotation.askAny(signal, async (member, one) => {
          const body = await get(`${member.url}/api/queues?disable_stats=true`, one);
          const queues = parsePayload(queuesPayload, body, '/api/queues');
          return queues.filter((queue) => config.vhosts.includes(queue.vhost));
        }),
      ),
      clusterProbe('consumers', CONSUMERS_INTERVAL_MS, (signal) =>
        rotation.askAny(signal, async (member, one) => {
          const body = await get(`${member.url}/api/consumers`, one);
          const consumers = parsePayload(consumersPayload, body, '/api/consumers');
          return consumers.filter((consumer) => config.vhosts.includes(consumer.queue.vhost));
        }),
      ),
    ],
    close() {},
  };
  return [...members.map(own), cluster];
}

function clusterProbe(name: string, intervalMs: number, ask: Probe['ask']): Probe {
  return { name, intervalMs, timeoutMs: CLUSTER_TIMEOUT_MS, ask };
}

/** Of the list of Erlang applications only RabbitMQ's own version is of interest. */
function slimOwn<T extends { applications?: { name: string; version: string }[] | undefined }>(own: T): T {
  return { ...own, applications: own.applications?.filter((application) => application.name === 'rabbit') };
}
