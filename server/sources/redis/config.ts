/** The result stores' slice of trellis.yaml: Sentinel-guarded Redis services by name. */
import { z } from 'zod';
import { addressPort, secret } from '#server/config/fields.ts';

export const redisServiceConfig = z.strictObject({
  sentinels: z.array(addressPort).min(1),
  /** The name that the Sentinels know the master by. */
  master: z.string().min(1),
  user: z.string().min(1).optional(),
  password: secret.optional(),
  sentinelUser: z.string().min(1).optional(),
  sentinelPassword: secret.optional(),
  /** Data nodes to ask even before a Sentinel names them. */
  nodes: z.array(addressPort).default([]),
});
export type RedisServiceConfig = z.infer<typeof redisServiceConfig>;

export const redisConfig = z.record(z.string().min(1), redisServiceConfig);
export type RedisConfig = z.infer<typeof redisConfig>;
