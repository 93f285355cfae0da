/** A refused write: noted in the audit, then answered. */
import { randomUUID } from 'node:crypto';
import type { ActionId, Identity } from '#lib/permissions.ts';
import type { Audit } from '#server/audit/audit.ts';

/** What was tried: null where the write was refused before it was read. */
export type Attempt = { identity: Identity | null; action: ActionId | null; target: string | null; reason: string };

/** The answer, after the attempt was noted. */
export async function refuse(audit: Audit, request: Request, attempt: Attempt, answer: Response): Promise<Response> {
  const { identity, action, target, reason } = attempt;
  const { pathname } = new URL(request.url);
  const { code } = (await answer.clone().json()) as { code: string };
  await audit.refused({
    request: randomUUID(),
    actor: identity?.name ?? 'nobody',
    role: identity?.role ?? 'none',
    action: action ?? 'unread',
    target: target ?? pathname,
    reason,
    details: { code, method: request.method, path: pathname },
  });
  return answer;
}
