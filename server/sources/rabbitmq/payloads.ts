/** What Trellis keeps of RabbitMQ's answers (management API, 3.8 to 4.x). Unknown fields are dropped at the door. */
import { z } from 'zod';

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
