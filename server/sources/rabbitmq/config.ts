/** RabbitMQ's slice of trellis.yaml. */
import { z } from 'zod';
import { addressPort, httpUrl, secret } from '#server/config/fields.ts';

export const rabbitmqConfig = z.strictObject({
  user: z.string().min(1),
  password: secret,
  vhosts: z.array(z.string().min(1)).min(1).default(['/']),
  /** Node name as RabbitMQ writes it (`rabbit@rmq-0`) to its addresses. */
  nodes: z
    .record(
      z.string().min(1),
      z.strictObject({ management: httpUrl, amqp: addressPort.optional(), host: z.string().optional() }),
    )
    .refine((nodes) => Object.keys(nodes).length > 0, 'name at least one node'),
});
export type RabbitmqConfig = z.infer<typeof rabbitmqConfig>;
