/** What Trellis keeps of RabbitMQ's answers (management API, 3.8 to 4.x). Unknown fields are dropped at the door. */
import { z } from 'zod';
import { scrub } from '#server/celery/scrub.ts';
import { ProbeError } from '#server/sources/source.ts';

export const nodesPayload = z.array(
  z.object({ name: z.string(), running: z.boolean(), being_drained: z.boolean().optional() }),
);
export type NodesPayload = z.infer<typeof nodesPayload>;

/** One node about itself, with statistics. */
export const ownPayload = z.object({
  name: z.string(),
  partitions: z.array(z.string()).optional(),
  mem_used: z.number().optional(),
  mem_limit: z.number().optional(),
  mem_alarm: z.boolean().optional(),
  disk_free_alarm: z.boolean().optional(),
  applications: z.array(z.object({ name: z.string(), version: z.string() })).optional(),
});
export type OwnPayload = z.infer<typeof ownPayload>;

const names = z.array(z.string());

/** `/queues?disable_stats=true`: live metadata. Some lists arrive as "" while a queue is being recovered. */
export const queuesPayload = z.array(
  z.object({
    name: z.string(),
    vhost: z.string(),
    type: z.string().default('classic'),
    state: z.string().optional(),
    durable: z.boolean().default(true),
    exclusive: z.boolean().default(false),
    node: z.string().optional(),
    policy: z.string().nullish(),
    slave_nodes: names.optional().catch(undefined),
    synchronised_slave_nodes: names.optional().catch(undefined),
    members: names.optional().catch(undefined),
    online: names.optional().catch(undefined),
    leader: z.string().optional(),
  }),
);
export type QueuesPayload = z.infer<typeof queuesPayload>;

export const consumersPayload = z.array(
  z.object({
    queue: z.object({ name: z.string(), vhost: z.string() }),
    // An empty list stands for a channel that is just going away.
    channel_details: z
      .object({ connection_name: z.string(), node: z.string(), peer_host: z.string().optional() })
      .nullable()
      .catch(null),
  }),
);
export type ConsumersPayload = z.infer<typeof consumersPayload>;

const rate = z.object({ rate: z.number() }).partial().optional();
const messageStats = z
  .object({ publish_details: rate, deliver_get_details: rate, ack_details: rate })
  .partial()
  .optional()
  .catch(undefined);

/** Figures of queues, up to 5 s old; a queue that nobody used has none. */
export const queueStatsPayload = z.array(
  z.object({
    name: z.string(),
    vhost: z.string(),
    messages_ready: z.number().optional(),
    messages_unacknowledged: z.number().optional(),
    consumers: z.number().optional(),
    sync_messages: z.number().optional(),
    message_stats: messageStats,
  }),
);
export type QueueStatsPayload = z.infer<typeof queueStatsPayload>;

/** Nothing nested: what is compared and sent again and again must be shallow. */
const definitionValue = z
  .union([z.string(), z.number(), z.boolean(), z.array(z.string())])
  .nullable()
  .catch(null);

export const policiesPayload = z.array(
  z.object({
    name: z.string(),
    vhost: z.string(),
    pattern: z.string(),
    'apply-to': z.string(),
    priority: z.number(),
    definition: z.record(z.string(), definitionValue).transform((one) => scrub(one) as typeof one),
  }),
);
export type PoliciesPayload = z.infer<typeof policiesPayload>;

export const overviewPayload = z.object({
  rabbitmq_version: z.string(),
  cluster_name: z.string().optional(),
  message_stats: messageStats,
});
export type OverviewPayload = z.infer<typeof overviewPayload>;

export const featureFlagsPayload = z.array(
  z.object({ name: z.string(), state: z.string(), stability: z.string().optional() }),
);
export type FeatureFlagsPayload = z.infer<typeof featureFlagsPayload>;

/** A health check that names what hangs on this node alone; `ok` names nothing. */
export const criticalPayload = z.object({
  status: z.string(),
  queues: z.array(z.object({ name: z.string() })).default([]),
});
export type CriticalPayload = {
  mirrors: z.infer<typeof criticalPayload> | null;
  quorum: z.infer<typeof criticalPayload> | null;
};

/** What the AMQP connection tells: why publishers are blocked, and whether events arrive. */
export type AmqpPayload = { blocked: string | null; events: 'on' | 'off' | 'refused' };

/** The name of that reading: told at once when the connection changes, asked in between. */
export const AMQP_READING = 'amqp';

export type EffectiveConfigPayload = { partitionHandling: string | null };

const PARTITION_HANDLING = /\{cluster_partition_handling,\s*\{?(ignore|autoheal|pause_minority|pause_if_all_down)\b/;

/**
 * The one setting that Trellis keeps of RabbitMQ's effective configuration, which is Erlang terms and holds secrets:
 * nothing else of it leaves this function.
 */
export function effectiveConfigPayload(text: unknown): EffectiveConfigPayload {
  const terms = String(text).trim();
  // The list of all applications; without its end it was cut, and the setting may be missing.
  if (!terms.startsWith('[') || !terms.endsWith(']') || !terms.includes('{rabbit,')) {
    throw new ProbeError('protocol', '/api/config/effective: expected Erlang terms');
  }
  const [, partitionHandling = null] = PARTITION_HANDLING.exec(terms) ?? [];
  return { partitionHandling };
}
