/** HAProxy's slice of trellis.yaml: every instance, each read by its stats page or its runtime socket. */
import { z } from 'zod';
import { addressPort, httpUrl, secret } from '#server/config/fields.ts';

export const proxyConfig = z
  .strictObject({
    name: z.string().min(1).optional(),
    host: z.string().min(1).optional(),
    /** URL of the statistics as CSV, ending in `;csv`. */
    stats: httpUrl.optional(),
    user: z.string().min(1).optional(),
    password: secret.optional(),
    /** `address:port` of a runtime socket. */
    socket: addressPort.optional(),
    /** Its configuration file, where Trellis can read it: only that tells intervals of checks and what becomes of sessions. */
    config: z.string().startsWith('/', 'write the whole path, for instance /etc/haproxy/haproxy.cfg').optional(),
  })
  .refine((proxy) => proxy.stats !== undefined || proxy.socket !== undefined, 'give stats:, socket: or both');
export type ProxyConfig = z.infer<typeof proxyConfig>;

export const haproxyConfig = z.array(proxyConfig).min(1);

/** What a proxy is called in the model: its name, else where it is read. */
export function proxyId({ name, socket, stats }: ProxyConfig): string {
  return name ?? socket ?? new URL(stats as string).host;
}
