/** What the routes of the audit have in common: who may read it, the parameters, and a file that cannot be read. */
import type { z } from 'zod';
import type { Audit } from '#server/audit/audit.ts';
import { identityOf } from '#server/auth/identity.ts';
import { runtime } from '#server/runtime/slot.ts';
import { problem } from './respond.ts';

/** Answers for the audit: 401 or 403 for credentials that are none, 400 `INVALID_QUERY`, 503 `AUDIT_UNAVAILABLE`. */
export async function answerAudit<S extends z.ZodType>(
  request: Request,
  schema: S,
  respond: (audit: Audit, query: z.infer<S>) => Promise<Response>,
): Promise<Response> {
  const { audit, ...door } = runtime();
  const found = identityOf(request, door);
  if ('fault' in found) return problem(found.status, found.fault, found.detail);
  const query = schema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!query.success) return problem(400, 'INVALID_QUERY', query.error.issues.map(describe).join('; '));
  try {
    return await respond(audit, query.data);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code !== 'AUDIT_UNAVAILABLE') throw error;
    return problem(503, code, message);
  }
}

function describe({ path, message }: { path: PropertyKey[]; message: string }): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}
