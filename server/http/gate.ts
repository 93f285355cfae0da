/** The gate: every write passes here, and nowhere else. */
import type { z } from 'zod';
import type { ActionId, Identity } from '#lib/permissions.ts';
import { runtime } from '#server/runtime/slot.ts';
import { passGate } from './pass-gate.ts';

/** What a write is allowed to know of its caller. */
export type Gated<B> = {
  identity: Identity;
  body: B;
  reason: string;
  /** Id of this write in the audit. */
  request: string;
};

/** What it did, for the audit and the answer. */
export type Effect = {
  body: object;
  status?: number;
  outcome: 'done' | 'verified' | 'not-verified' | 'failed';
  /** Kept in the audit; scrubbed there. */
  details: unknown;
};

export type WriteRule<S extends z.ZodType> = {
  /** The action, or what the body makes of it. */
  action: ActionId | ((body: z.infer<S>) => ActionId);
  /** Of the body without its `reason`, which the gate takes. */
  schema: S;
  target(body: z.infer<S>): string;
  /** HTTP status of the answer by the code of what the effect throws; 500 for all others. */
  statuses?: Readonly<Record<string, number>>;
};

/**
 * Lets a write through, or answers with a problem; audited before and after. In this order: who asks, same origin, JSON of a
 * bounded size, schema and reason, permission, `Idempotency-Key`, then the effect, once for each key whatever is killed.
 */
export async function gated<S extends z.ZodType>(
  request: Request,
  rule: WriteRule<S>,
  effect: (gated: Gated<z.infer<S>>) => Promise<Effect>,
): Promise<Response> {
  return passGate(runtime(), request, rule, effect);
}
