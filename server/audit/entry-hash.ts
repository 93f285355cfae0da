/** The hash of an audit entry. */
import { createHash } from 'node:crypto';
import type { AuditEntry } from '#lib/contract/audit.ts';
import { canonicalJson } from './canonical.ts';

/** What stands before the first entry. */
export const FIRST_PREVIOUS = '0'.repeat(64);

/** SHA-256 (hex) over the canonical JSON of every field, the hash of the entry before among them. */
export function hashOf({ hash: _, ...fields }: Omit<AuditEntry, 'hash'> & { hash?: string }): string {
  return createHash('sha256').update(canonicalJson(fields)).digest('hex');
}
