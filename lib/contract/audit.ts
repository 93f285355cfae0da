/** The audit: every write, before and after it happened, in a chain of hashes. Times are epoch milliseconds. */
import { z } from 'zod';
import { AUDIT_EXPORT_FORMATS } from '#lib/format/audit.ts';

export const AUDIT_PHASES = ['before', 'after'] as const;
/** `unknown` = Trellis ended before it learned how it went. */
export const AUDIT_OUTCOMES = ['refused', 'done', 'verified', 'not-verified', 'failed', 'unknown'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

export const auditEntrySchema = z.object({
  seq: z.number().int(),
  at: z.number(),
  /** The same for both phases of one write. */
  request: z.string(),
  phase: z.enum(AUDIT_PHASES),
  actor: z.string(),
  role: z.string(),
  action: z.string(),
  /** What it was done to: `celery@host-1`, a task id, … */
  target: z.string(),
  reason: z.string(),
  /** What was asked for (before), or how it went (after); secrets are scrubbed. */
  details: z.unknown(),
  outcome: z.enum(AUDIT_OUTCOMES).nullable(),
  /** SHA-256 (hex) of the entry before and of this one. */
  previous: z.string(),
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export type AuditPage = { now: number; entries: readonly AuditEntry[]; next: number | null };

export const AUDIT_LIMIT = { default: 100, max: 500 } as const;

const integer = z
  .string()
  .regex(/^\d{1,16}$/, 'write a whole number')
  .transform(Number)
  .refine(Number.isSafeInteger, 'the number is too large');
const text = z.string().min(1).max(1_000);

/** What an export is filtered by; each stands once in the URL, unknown ones are refused. */
export const auditFilterSchema = z.strictObject({
  actor: text.optional(),
  action: text.optional(),
  target: text.optional(),
  /** Only what was written at or after this time. */
  from: integer.optional(),
  /** Only what was written at or before this time. */
  to: integer.optional(),
});
export type AuditFilter = z.infer<typeof auditFilterSchema>;

/** The parameters of the list, newest first. */
export const auditQuerySchema = auditFilterSchema.extend({
  limit: integer
    .refine((limit) => limit >= 1 && limit <= AUDIT_LIMIT.max, `write a number from 1 to ${AUDIT_LIMIT.max}`)
    .default(AUDIT_LIMIT.default),
  /** Cursor: only entries with a smaller `seq`. */
  before: integer.optional(),
});

/** The parameters of the export. */
export const auditExportSchema = auditFilterSchema.extend({ format: z.enum(AUDIT_EXPORT_FORMATS).default('csv') });

/** What can be wrong with the chain. */
export const CHAIN_FAULTS = ['changed', 'missing', 'broken-link', 'tail-cut', 'head-missing', 'head-differs'] as const;
export const chainProblemSchema = z.object({
  fault: z.enum(CHAIN_FAULTS),
  /** The first entry that it shows at. */
  seq: z.number().int(),
  /** For people. */
  text: z.string(),
});
export type ChainProblem = z.infer<typeof chainProblemSchema>;

export const chainStateSchema = z.object({
  /** Every entry up to this one was checked. */
  upTo: z.number().int(),
  /** Of that entry; 64 zeros where there is none. */
  hash: z.string(),
  checkedAt: z.number(),
  /** Empty = whole and unchanged. */
  problems: z.array(chainProblemSchema),
});
export type ChainState = z.infer<typeof chainStateSchema>;

/** What `/api/v1/audit` answers. */
export const auditAnswerSchema = z.object({
  now: z.number(),
  entries: z.array(auditEntrySchema),
  /** Give it as `before` to get older ones; null = there are none. */
  next: z.number().int().nullable(),
  chain: chainStateSchema,
});
export type AuditAnswer = AuditPage & { chain: ChainState };
