/**
 * Writes in Flower's dialect. They pass the steps of the gate with three differences: parameters come as a form or in the
 * address, the reason is always the same, and who sends no idempotency key gets one of its own.
 */
import { randomUUID } from 'node:crypto';
import { type ActionId, FLOWER_SCOPE } from '#lib/permissions.ts';
import type { Effect } from '#server/http/gate.ts';
import { admit, mayNot } from '#server/http/pass-gate.ts';
import { fingerprintOf, perform, WRITE_HEADERS } from '#server/http/perform.ts';
import { refuse } from '#server/http/refuse.ts';
import { isCrossSite } from '#server/http/request.ts';
import { problem } from '#server/http/respond.ts';
import { bodyText, isForm } from './body.ts';
import type { FlowerContext } from './context.ts';
import { asBearer } from './credentials.ts';
import { type Parameters, parametersOf } from './parameters.ts';
import { FlowerError, flowerText, READ_ONLY, UNAVAILABLE } from './text.ts';

/** What the audit keeps as the reason. */
export const FLOWER_REASON = 'Flower API';

/** A write that was understood. */
export type FlowerWrite = {
  action: ActionId;
  target: string;
  /** What is asked for, for the audit. */
  body: object;
  effect(): Promise<Effect>;
};

/** What a write is made of. */
export type FlowerInput = {
  /** What the path names: a worker, a task, or its id. */
  name: string;
  given: Parameters;
  /** The body as it came. */
  text: string;
};

/** Understands a write; asks nobody. @throws FlowerError for what Flower refuses as well */
export type PrepareWrite = (context: FlowerContext, input: FlowerInput) => FlowerWrite;

/** Lets a write through, or answers why not, in Flower's words. @throws FlowerError */
export async function flowerWrite(
  context: FlowerContext,
  request: Request,
  name: string,
  prepare: PrepareWrite,
): Promise<Response> {
  const asked = asBearer(request);
  if (!context.flower.writes) return flowerText(403, READ_ONLY);
  const caller = await callerOf(context, asked);
  if (caller instanceof Response) return inFlowersWords(caller);
  const text = await bodyText(request, context.bodyLimits);
  const given = parametersOf(request.url, isForm(request) ? text : '');
  const { effect, ...prepared } = prepare(context, { name, given, text });
  const write = { ...prepared, identity: caller.identity, reason: FLOWER_REASON };
  const refusal = await mayNot(context, asked, write, FLOWER_SCOPE);
  if (refusal !== null) return inFlowersWords(refusal);
  const key = keyOf(request);
  const { pathname, search } = new URL(request.url);
  // As it was sent: a countdown makes another time of each repetition.
  const parts = [caller.identity.name, write.action, pathname, search, text];
  const answer = await perform(context.audit, { ...write, key, fingerprint: fingerprintOf(parts), statuses: {} }, () =>
    effect().catch(failed),
  );
  return inFlowersWords(answer);
}

/** A token, always: who is `local` without one may do everything, and any page could have sent the browser here. */
async function callerOf(context: FlowerContext, asked: Request): ReturnType<typeof admit> {
  const attempt = { identity: null, action: null, target: null, reason: FLOWER_REASON };
  const refused = (status: number, code: string, detail: string) =>
    refuse(context.audit, asked, attempt, problem(status, code, detail));
  if (asked.headers.get('authorization') === null)
    return refused(401, 'TOKEN_MISSING', `Writes need a token with the scope ${FLOWER_SCOPE}`);
  // Browsers send basic credentials by themselves.
  if (isCrossSite(asked)) return refused(403, 'CROSS_SITE', 'Writes are not taken from pages of other sites');
  return admit(context, asked, null);
}

function keyOf(request: Request): string {
  const given = request.headers.get('idempotency-key');
  if (given === null) return `flower-${randomUUID()}`;
  if (!/^[\x20-\x7e]{8,200}$/.test(given))
    throw new FlowerError(400, 'An Idempotency-Key has 8 to 200 printable characters');
  return given;
}

/** The cause goes into the audit; the caller is told what Flower tells. */
function failed(error: Error & { code?: unknown }): Effect {
  const { code, message } = (error.cause ?? error) as { code?: unknown; message?: unknown };
  const isOurs = error instanceof FlowerError;
  return {
    body: { detail: isOurs ? error.message : UNAVAILABLE },
    status: isOurs ? error.status : 503,
    outcome: 'failed',
    details: { code: typeof code === 'string' ? code : null, message: String(message) },
  };
}

const KEPT_HEADERS = [...Object.values(WRITE_HEADERS), 'www-authenticate'];

/** An answer of the gate as Flower would give it: errors are the plain text of their detail. */
async function inFlowersWords(answer: Response): Promise<Response> {
  const told = (await answer.json()) as { code?: string; detail?: string };
  const isError = answer.status >= 400;
  const text = told.code === 'READ_ONLY' ? READ_ONLY : (told.detail ?? '');
  const worded = isError ? flowerText(answer.status, text) : Response.json(told, { status: answer.status });
  for (const name of KEPT_HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) worded.headers.set(name, value);
  }
  return worded;
}
