/** Schema pieces that several sources share: addresses, URLs, secrets. */
import { z } from 'zod';

/** `address:port`. */
export const addressPort = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/, 'write it as address:port, for instance 10.0.0.1:5672');

/** The name of a host, without a port. */
export const hostName = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, 'write it as a name, for instance trellis.example.com');

/** An HTTP(S) base URL without credentials in it. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'write it as a URL, for instance http://10.0.0.1:15672' })
  .refine((url) => !/^https?:\/\/[^/]*@/.test(url), 'keep user and password out of the URL: use user: and password:');

/** Text without control characters. */
export const ONE_LINE = /^\P{Cc}*$/u;

/** A secret: written in place, or by reference to an environment variable or a file. */
export const secret = z.union(
  [
    z.string().regex(ONE_LINE, 'write the secret in one line, without control characters'),
    z.strictObject({ env: z.string().min(1) }),
    z.strictObject({ file: z.string().min(1) }),
  ],
  { error: 'write the secret itself in one line, { env: NAME } or { file: path }' },
);
export type Secret = z.infer<typeof secret>;

/** A regular expression. */
export const expression = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => {
    try {
      return new RegExp(text, 'i') instanceof RegExp;
    } catch {
      return false;
    }
  }, 'this is no regular expression');
