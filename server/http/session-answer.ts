/** Who asks, and what they may do. */
import type { Session } from '#lib/contract/session.ts';
import { ACTION_IDS, type Locks, refusalOf } from '#lib/permissions.ts';
import { type Door, identityOf } from '#server/auth/identity.ts';
import { json, problem } from './respond.ts';

/** Answers with the caller's session, or with 401 or 403 for credentials that are none. */
export function answerSession(request: Request, { locks, ...door }: Door & { locks: Locks }): Response {
  const found = identityOf(request, door);
  if ('fault' in found) return problem(found.status, found.fault, found.detail);
  const { identity } = found;
  const may = Object.fromEntries(ACTION_IDS.map((action) => [action, refusalOf(identity, action, locks)]));
  return json({ identity, locks, may: may as Session['may'] } satisfies Session);
}
