/** `/api/v1/session`: who asks, and what they may do. */
import type { ActionId, Identity, Locks, Refusal } from '#lib/permissions.ts';

/** The answer. */
export type Session = {
  identity: Identity;
  locks: Locks;
  /** Every action, with why it would be refused; null = it may be done. */
  may: Readonly<Record<ActionId, Refusal | null>>;
};
