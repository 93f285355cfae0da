/** Does a write once for each idempotency key, between two entries of the audit. */
import { createHash, randomUUID } from 'node:crypto';
import type { ActionId, Identity } from '#lib/permissions.ts';
import type { Audit, AuditNote, KeptRequest } from '#server/audit/audit.ts';
import { canonicalJson } from '#server/audit/canonical.ts';
import { scrubText } from '#server/audit/scrub.ts';
import type { Effect, Gated } from './gate.ts';
import { problem, problemBody, respond } from './respond.ts';

/** A write that may be done. */
export type Write<B> = {
  identity: Identity;
  action: ActionId;
  target: string;
  reason: string;
  body: B;
  key: string;
  /** Of everything that makes two writes the same. */
  fingerprint: string;
  statuses: Readonly<Record<string, number>>;
};

/** The headers of an answer to a write. */
export const WRITE_HEADERS = {
  /** Id of the write in the audit. */
  request: 'audit-request',
  /** `true` on an answer that was kept from the first time. */
  replayed: 'idempotency-replayed',
  /** `incomplete` where the write was done and the audit could not be told how it went. */
  audit: 'audit-state',
} as const;

type Answer = { status: number; body: unknown };
type Result = { answer: Answer; outcome: Effect['outcome']; details: unknown };

/** SHA-256 (hex) of what makes a write the same as another. */
export function fingerprintOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(canonicalJson(parts)).digest('hex');
}

/** Claims the key, audits, does it, audits, keeps the answer. What cannot be audited before is not done: 503. */
export async function perform<B>(
  audit: Audit,
  write: Write<B>,
  effect: (gated: Gated<B>) => Promise<Effect>,
): Promise<Response> {
  const { key, fingerprint } = write;
  const request = randomUUID();
  let kept: KeptRequest | null;
  try {
    kept = await audit.claim(key, fingerprint, request);
  } catch (error) {
    return notAudited(error);
  }
  if (kept !== null) return repeated(kept, fingerprint);
  try {
    return await performClaimed(audit, write, request, effect);
  } finally {
    audit.release(key);
  }
}

async function performClaimed<B>(
  audit: Audit,
  write: Write<B>,
  request: string,
  effect: (gated: Gated<B>) => Promise<Effect>,
): Promise<Response> {
  const { identity, action, target, reason, body, key } = write;
  const note = { request, actor: identity.name, role: identity.role, action, target, reason };
  try {
    await audit.append({ ...note, phase: 'before', details: body, outcome: null });
  } catch (error) {
    return notAudited(error);
  }
  const { answer, outcome, details } = await resultOf(write, () => effect({ identity, body, reason, request }));
  const isComplete = await complete(audit, { ...note, phase: 'after', details, outcome }, key, answer);
  const state: Record<string, string> = isComplete ? {} : { [WRITE_HEADERS.audit]: 'incomplete' };
  return respond(answer.status, answer.body, { [WRITE_HEADERS.request]: request, ...state });
}

async function resultOf<B>({ statuses }: Write<B>, run: () => Promise<Effect>): Promise<Result> {
  try {
    const { body, status = 200, outcome, details } = await run();
    return { answer: { status, body }, outcome, details };
  } catch (error) {
    const { code: given, message = String(error) } = error as { code?: unknown; message?: string };
    const code = typeof given === 'string' ? given : 'EFFECT_FAILED';
    const status = Object.hasOwn(statuses, code) ? (statuses[code] ?? 500) : 500;
    const text = scrubText(message);
    return {
      answer: { status, body: problemBody(status, code, text) },
      outcome: 'failed',
      details: { code, message: text },
    };
  }
}

/** It has happened: whatever the disk says now, the caller is told how it went. */
async function complete(audit: Audit, note: AuditNote, key: string, answer: Answer): Promise<boolean> {
  // One after the other: an answer that was kept always has its entry.
  const [noted] = await Promise.allSettled([audit.append(note)]);
  const [kept] = await Promise.allSettled([audit.settle(key, answer)]);
  return noted?.status === 'fulfilled' && kept?.status === 'fulfilled';
}

function repeated(kept: KeptRequest, fingerprint: string): Response {
  const { request, response, isRunning } = kept;
  const headers = { [WRITE_HEADERS.request]: request };
  if (kept.fingerprint !== fingerprint)
    return problem(
      422,
      'KEY_REUSED',
      'This Idempotency-Key was used for another write. Take a new one for each intention.',
    );
  if (response !== null)
    return respond(response.status, response.body, { ...headers, [WRITE_HEADERS.replayed]: 'true' });
  if (isRunning) return problem(409, 'IN_PROGRESS', 'This write is under way. Ask again in a moment.', headers);
  const detail = `This write was begun and Trellis ended before it was told how it went. It is not done twice. Look at what it was to change, and at request ${request} in the audit.`;
  return problem(409, 'OUTCOME_UNKNOWN', detail, headers);
}

function notAudited(error: unknown): Response {
  const { message } = error as Error;
  return problem(503, 'AUDIT_UNAVAILABLE', `Nothing was done, because it could not be audited: ${scrubText(message)}`);
}
