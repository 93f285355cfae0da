/** Reads RabbitMQ through each node's own management API and AMQP listener. */
import { rememberParsed } from '#server/sources/http-json.ts';
import { parsePayload } from '#server/sources/parse.ts';
import type { RequestLog } from '#server/sources/request-log.ts';
import { createRotation } from '#server/sources/rotation.ts';
import { type Answer, type Endpoint, type Probe, ProbeError } from '#server/sources/source.ts';
import { AMQP_INTERVAL_MS, createAmqpWatch } from './amqp-watch.ts';
import { type Member, membersOf } from './client.ts';
import type { RabbitmqConfig } from './config.ts';
import {
  AMQP_READING,
  consumersPayload,
  criticalPayload,
  effectiveConfigPayload,
  featureFlagsPayload,
  nodesPayload,
  overviewPayload,
  ownPayload,
  policiesPayload,
  queueStatsPayload,
  queuesPayload,
} from './payloads.ts';

const TIMEOUT_MS = 2_000;
/** One member's share of a question that any member can answer. */
const MEMBER_TIMEOUT_MS = 1_500;
const CLUSTER_TIMEOUT_MS = 6_000;

/**
 * Endpoints: every node by its name (its own view of the cluster, its own resources), and `cluster` for what any node
 * can tell about all (queues, consumers, policies), asked of one node at a time.
 */
export function rabbitmqEndpoints(config: RabbitmqConfig, requests: RequestLog): Endpoint[] {
  const members = membersOf(config, requests);
  return [...members.map((member) => nodeEndpoint(member, config)), clusterEndpoint(members, config)];
}

type Read<T> = {
  name: string;
  intervalMs: number;
  path: string;
  keep: (body: unknown) => T;
  bursts?: boolean;
  /** What Trellis does without where it is not permitted; unless given, a refusal is a failure. */
  lacking?: string;
  /** The body is no JSON: `keep` gets its text. */
  plain?: boolean;
};

function nodeEndpoint(member: Member, config: RabbitmqConfig): Endpoint {
  const self = `/api/nodes/${encodeURIComponent(member.name)}`;
  const own = <T>({ path, keep, ...probe }: Read<T>): Probe => {
    const parsed = rememberParsed(path, keep);
    return {
      ...probe,
      timeoutMs: TIMEOUT_MS,
      ask: async (signal) => {
        const { body, bytes } = await member.get(path, signal);
        return { data: parsed(body), bytes };
      },
    };
  };
  const probes = [
    own({
      ...{ name: 'nodes', intervalMs: 1_500, bursts: true, path: '/api/nodes?disable_stats=true' },
      keep: (body) => parsePayload(nodesPayload, body, '/api/nodes'),
    }),
    own({
      ...{ name: 'own', intervalMs: 5_000, path: self },
      keep: (body) => slimOwn(parsePayload(ownPayload, body, self)),
    }),
    criticalProbe(member),
  ];
  const address = config.nodes[member.name]?.amqp;
  if (address === undefined) return { id: member.name, probes, close() {} };

  const watch = createAmqpWatch(member.name, address, config);
  const amqp: Probe = {
    ...{ name: AMQP_READING, intervalMs: AMQP_INTERVAL_MS, timeoutMs: TIMEOUT_MS, cost: 0 },
    ask: watch.ask,
  };
  return { id: member.name, probes: [...probes, amqp], subscribe: watch.subscribe, close: watch.close };
}

const CHECKS = ['node-is-mirror-sync-critical', 'node-is-quorum-critical'] as const;
type CheckName = (typeof CHECKS)[number];

/** The checks speak only for the node that answers, and answer 503 when something hangs on it alone. */
function criticalProbe(member: Member): Probe {
  const parser = (name: CheckName) => rememberParsed(name, (body) => parsePayload(criticalPayload, body, name));
  const parsed = Object.fromEntries(CHECKS.map((name) => [name, parser(name)])) as Record<
    CheckName,
    ReturnType<typeof parser>
  >;
  return {
    ...{ name: 'critical', intervalMs: 15_000, timeoutMs: TIMEOUT_MS, cost: 2 },
    ask: async (signal) => {
      const check = async (name: CheckName) => {
        try {
          const { body } = await member.get(`/api/health/checks/${name}`, signal, 503);
          return parsed[name](body);
        } catch (error) {
          // Not every version has every check (mirrors are gone in 4.0).
          if (error instanceof ProbeError && error.code === 'not-found') return null;
          throw error;
        }
      };
      const [mirrors = null, quorum = null] = await Promise.all(CHECKS.map(check));
      return { data: { mirrors, quorum } };
    },
  };
}

function clusterEndpoint(members: readonly Member[], config: RabbitmqConfig): Endpoint {
  const rotation = createRotation(members, MEMBER_TIMEOUT_MS);
  const any = <T>({ path, keep, lacking, plain, ...probe }: Read<T>): Probe => {
    const parsed = rememberParsed(path, keep, plain === true ? (body) => body.toString('utf8') : undefined);
    const ask = async (signal: AbortSignal): Promise<Answer> => {
      let size = 0;
      let refused = false;
      const answer = await rotation.askAny(signal, async (member, one) => {
        try {
          const { body, bytes } = await member.get(path, one);
          size = bytes;
          return parsed(body);
        } catch (error) {
          refused =
            lacking !== undefined && error instanceof ProbeError && /^(auth|forbidden|not-found)$/.test(error.code);
          if (refused) return null;
          throw error;
        }
      });
      return { ...answer, bytes: size, ...(refused && lacking !== undefined ? { lacks: lacking } : {}) };
    };
    return { ...probe, timeoutMs: CLUSTER_TIMEOUT_MS, ask };
  };
  const watched = <T extends { vhost: string }>(entries: T[]) =>
    entries.filter((entry) => config.vhosts.includes(entry.vhost));
  return {
    id: 'cluster',
    probes: [
      any({
        ...{ name: 'queues', intervalMs: 1_000, bursts: true, path: '/api/queues?disable_stats=true' },
        keep: (body) => watched(parsePayload(queuesPayload, body, '/api/queues')),
      }),
      any({
        ...{ name: 'queue-stats', intervalMs: 5_000, path: `/api/queues?columns=${QUEUE_STATS_COLUMNS}` },
        keep: (body) => watched(parsePayload(queueStatsPayload, body, '/api/queues')),
      }),
      any({
        ...{ name: 'consumers', intervalMs: 3_000, bursts: true, path: '/api/consumers' },
        keep: (body) => {
          const consumers = parsePayload(consumersPayload, body, '/api/consumers');
          return consumers.filter((consumer) => config.vhosts.includes(consumer.queue.vhost));
        },
      }),
      any({
        ...{ name: 'policies', intervalMs: 30_000, path: '/api/policies' },
        keep: (body) => watched(parsePayload(policiesPayload, body, '/api/policies')),
      }),
      any({
        ...{ name: 'feature-flags', intervalMs: 60_000, path: '/api/feature-flags' },
        keep: (body) => parsePayload(featureFlagsPayload, body, '/api/feature-flags'),
        lacking: 'feature flags: RabbitMQ 3 tells them to users tagged administrator only',
      }),
      any({
        ...{ name: 'config', intervalMs: 60_000, path: '/api/config/effective', plain: true },
        keep: effectiveConfigPayload,
        lacking: 'partition handling: RabbitMQ tells it from 3.10.13 on, and to users tagged administrator only',
      }),
      any({
        ...{ name: 'overview', intervalMs: 5_000, path: '/api/overview' },
        keep: (body) => parsePayload(overviewPayload, body, '/api/overview'),
      }),
    ],
    close() {},
  };
}

const QUEUE_STATS_COLUMNS = [
  ...['name', 'vhost', 'messages_ready', 'messages_unacknowledged', 'consumers', 'sync_messages'],
  ...['message_stats.publish_details.rate', 'message_stats.deliver_get_details.rate', 'message_stats.ack_details.rate'],
].join(',');

/** Of the list of Erlang applications only RabbitMQ's own version is of interest. */
function slimOwn<T extends { applications?: { name: string; version: string }[] | undefined }>(own: T): T {
  return { ...own, applications: own.applications?.filter((application) => application.name === 'rabbit') };
}
