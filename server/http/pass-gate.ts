/** The steps of the gate, one after the other. The first that refuses answers. */
import { z } from 'zod';
import { type ActionId, describeRefusal, type Identity, type Locks, refusalOf } from '#lib/permissions.ts';
import type { Audit } from '#server/audit/audit.ts';
import { type Door, identityOf } from '#server/auth/identity.ts';
import type { Effect, Gated, WriteRule } from './gate.ts';
import { fingerprintOf, perform } from './perform.ts';
import { refuse } from './refuse.ts';
import { type BodyLimits, isCrossSite, readJsonBody } from './request.ts';
import { problem } from './respond.ts';

/** What the gate stands on; the running Trellis has it all. */
export type GateContext = Door & { audit: Audit; locks: Locks; bodyLimits?: BodyLimits };

/** Letters of a reason. */
export const REASON_LETTERS = { min: 3, max: 500 } as const;

const reasonSchema = z.string().trim().min(REASON_LETTERS.min).max(REASON_LETTERS.max);

/** As `gated`, on a context of one's own. */
export async function passGate<S extends z.ZodType>(
  context: GateContext,
  request: Request,
  rule: WriteRule<S>,
  effect: (gated: Gated<z.infer<S>>) => Promise<Effect>,
): Promise<Response> {
  const caller = await admit(context, request, typeof rule.action === 'string' ? rule.action : null);
  if (caller instanceof Response) return caller;
  const read = await readJsonBody(request, context.bodyLimits);
  if ('refused' in read) return read.refused;
  const parsed = parse(read.json, rule.schema);
  if (parsed instanceof Response) return parsed;
  const { body, reason } = parsed;
  const action = typeof rule.action === 'string' ? rule.action : rule.action(body);
  const { pathname } = new URL(request.url);
  const write = { identity: caller.identity, action, target: rule.target(body), reason, body };
  const refusal = await mayNot(context, request, write);
  if (refusal !== null) return refusal;
  const key = request.headers.get('idempotency-key') ?? '';
  if (!/^[\x20-\x7e]{8,200}$/.test(key))
    return problem(
      400,
      'KEY_MISSING',
      'Send an Idempotency-Key of 8 to 200 printable characters, one for each intention.',
    );
  const fingerprint = fingerprintOf([caller.identity.name, action, request.method, pathname, body, reason]);
  return perform(context.audit, { ...write, key, fingerprint, statuses: rule.statuses ?? {} }, effect);
}

/** Who asks; or the answer, where nobody may ask so: 401, or 403 for a page of another site. Refusals are audited. */
export async function admit(
  { audit, ...door }: Door & { audit: Audit },
  request: Request,
  action: ActionId | null,
): Promise<{ identity: Identity } | Response> {
  const found = identityOf(request, door);
  const what = { action, target: null, reason: '' };
  if ('fault' in found) {
    const { status, fault, detail } = found;
    return refuse(audit, request, { ...what, identity: null }, problem(status, fault, detail));
  }
  const { identity, byToken } = found;
  if (byToken || !isCrossSite(request)) return { identity };
  const answer = problem(403, 'CROSS_SITE', 'Writes are taken from pages of this server only.');
  return refuse(audit, request, { ...what, identity }, answer);
}

/** The answer where the caller may not do it, audited; null = they may. `scope` as in `refusalOf`. */
export async function mayNot(
  { audit, locks }: { audit: Audit; locks: Locks },
  request: Request,
  write: { identity: Identity; action: ActionId; target: string; reason: string },
  scope: string = write.action,
): Promise<Response | null> {
  const { identity, action } = write;
  const refusal = refusalOf(identity, action, locks, scope);
  if (refusal === null) return null;
  return refuse(audit, request, write, problem(403, refusal, describeRefusal(refusal, action, identity.role, scope)));
}

function parse<S extends z.ZodType>(json: unknown, schema: S): { body: z.infer<S>; reason: string } | Response {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return problem(400, 'INVALID_BODY', 'Send one JSON object.');
  const { reason, ...rest } = json as { reason?: unknown };
  const given = reasonSchema.safeParse(reason);
  if (!given.success)
    return problem(
      400,
      'REASON_MISSING',
      `reason: say why, in ${REASON_LETTERS.min} to ${REASON_LETTERS.max} letters. It is kept in the audit.`,
    );
  const parsed = schema.safeParse(rest);
  if (parsed.success) return { body: parsed.data, reason: given.data };
  return problem(400, 'INVALID_BODY', describeIssues(parsed.error));
}

function describeIssues({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ');
}
