/**
 * The audit as the rest of Trellis sees it: append-only, each entry with the hash of the one before. A write that cannot be
 * audited does not happen. The file is touched by a thread of its own.
 */
import type { AuditEntry, AuditPage, ChainState } from '#lib/contract/audit.ts';

/** What the writer of an entry tells; the rest is the audit's. */
export type AuditNote = Pick<
  AuditEntry,
  'request' | 'phase' | 'actor' | 'role' | 'action' | 'target' | 'reason' | 'details' | 'outcome'
>;

export type AuditQuery = {
  limit: number;
  /** Only entries with a smaller `seq`. */
  before?: number | undefined;
  actor?: string | undefined;
  action?: string | undefined;
  target?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
};

/** What is known of an idempotency key. */
export type KeptRequest = {
  key: string;
  /** SHA-256 of actor, action and body: the same key with another body is refused. */
  fingerprint: string;
  /** Its id in the audit. */
  request: string;
  /** This process is at it right now. */
  isRunning: boolean;
  /** null = begun and not ended, perhaps by a process that was killed. */
  response: { status: number; body: unknown } | null;
};

export type Audit = {
  /** Resolves when it is on disk. @throws Error with code AUDIT_UNAVAILABLE */
  append(note: AuditNote): Promise<AuditEntry>;
  /** Notes a write that was refused, scrubbed; past a rate they are only counted. Never throws: nothing happened. */
  refused(note: Omit<AuditNote, 'phase' | 'outcome'>): Promise<void>;
  /** @throws Error with code AUDIT_UNAVAILABLE */
  page(query: AuditQuery): Promise<AuditPage>;
  /**
   * Claims an idempotency key before anything happens; null = it is ours now. Durable, so that a repeat after a kill finds it.
   * A key whose write never got as far as its `before` is free again.
   * @throws Error with code AUDIT_UNAVAILABLE
   */
  claim(key: string, fingerprint: string, request: string): Promise<KeptRequest | null>;
  /** Keeps the answer for repeats, scrubbed. @throws Error with code AUDIT_UNAVAILABLE */
  settle(key: string, response: { status: number; body: unknown }): Promise<void>;
  /** This process is no longer at that key, whether it was settled or not. */
  release(key: string): void;
  /** Checks what was not checked yet, and from time to time everything. @throws Error with code AUDIT_UNAVAILABLE */
  chain(): Promise<ChainState>;
  /** Gives the writes that an earlier process left without an `after` one that says so. @throws as `append` */
  recover(): Promise<void>;
  close(): Promise<void>;
};
