/** Consul's slice of trellis.yaml. */
import { z } from 'zod';
import { httpUrl, secret } from '#server/config/fields.ts';

export const consulConfig = z.strictObject({
  agents: z.array(httpUrl).min(1),
  token: secret.optional(),
  /** Name of a lock to the key prefix that was given to `consul lock`. */
  locks: z.record(z.string().min(1), z.string().min(1)).default({}),
  /** Prefixes whose keys are listed (their values are never kept). */
  keys: z.array(z.string().min(1)).default([]),
});
export type ConsulConfig = z.infer<typeof consulConfig>;
