/** Checks a payload against its schema; a mismatch is a failed probe that names the path, never an exception further in. */
import type { z } from 'zod';
import { ProbeError } from './source.ts';

/** The payload, narrowed. @throws ProbeError `protocol` with the path of the first mismatch. */
export function parsePayload<T>(schema: z.ZodType<T>, payload: unknown, what: string): T {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ProbeError(
    'protocol',
    `${what}: ${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not understood'}`,
  );
}
