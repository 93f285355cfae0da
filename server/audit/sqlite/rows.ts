/** Rows of the audit's file, and the entries they stand for. */
import type { AuditEntry } from '#lib/contract/audit.ts';
import type { ChainLink } from '#server/audit/chain.ts';

export type EntryRow = Omit<AuditEntry, 'details'> & { details: string };

/** The columns in the order of the table. */
export const COLUMNS = [
  ...(['seq', 'at', 'request', 'phase', 'actor', 'role', 'action', 'target', 'reason', 'details'] as const),
  ...(['outcome', 'previous', 'hash'] as const),
] as const;

/** The entry of a row, whatever somebody made of its details. */
export function linkOf({ details, ...row }: EntryRow): ChainLink {
  try {
    return { entry: { ...row, details: JSON.parse(details) }, isReadable: true };
  } catch {
    return { entry: { ...row, details: null }, isReadable: false };
  }
}
