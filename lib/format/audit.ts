/** The audit as rows of a page and lines of a file. Pure. */
import type { AuditEntry, AuditOutcome, ChainState } from '#lib/contract/audit.ts';
import { csvOf } from './export.ts';

/** One write: what was asked for and how it went. */
export type AuditWrite = {
  request: string;
  /** The entry before it; null = it was refused, or stands on a page that was not read yet. */
  before: AuditEntry | null;
  /** The entry after it, the last where there are several; null = it is under way. */
  after: AuditEntry | null;
  /** Whichever there is; `after` first. */
  entry: AuditEntry;
};

/** Pairs the entries (newest first) of each write; the write stands where its newest entry does. */
export function pairWrites(entries: readonly AuditEntry[]): readonly AuditWrite[] {
  const writes = new Map<string, AuditWrite>();
  for (const entry of entries) {
    const known = writes.get(entry.request) ?? { request: entry.request, before: null, after: null, entry };
    if (entry.phase === 'before') writes.set(entry.request, { ...known, before: known.before ?? entry });
    else writes.set(entry.request, { ...known, after: known.after ?? entry });
  }
  return [...writes.values()];
}

/** What became of a write, in a word or two; null outcome = under way. */
export const OUTCOME_WORDS: Readonly<Record<AuditOutcome, string>> = {
  refused: 'refused',
  done: 'done',
  verified: 'verified',
  'not-verified': 'not verified',
  failed: 'failed',
  unknown: 'outcome unknown',
};

/** How long it took (ms); null = not both entries are known. */
export function tookMs({ before, after }: AuditWrite): number | null {
  return before === null || after === null ? null : Math.max(0, after.at - before.at);
}

/** What is known of the chain, in a sentence. */
export function describeChain({ upTo, problems }: ChainState): string {
  const [first] = problems;
  if (first !== undefined)
    return `The audit is not whole: ${first.text}${problems.length > 1 ? `, and ${problems.length - 1} more` : ''}.`;
  return upTo === 0 ? 'Nothing was written yet.' : `Verified up to entry ${upTo}.`;
}

export const AUDIT_EXPORT_FORMATS = ['csv', 'json'] as const;
export type AuditExportFormat = (typeof AUDIT_EXPORT_FORMATS)[number];

const FIELDS: readonly (keyof AuditEntry)[] = [
  ...(['seq', 'at', 'request', 'phase', 'actor', 'role', 'action', 'target', 'reason', 'outcome'] as const),
  ...(['details', 'previous', 'hash'] as const),
];

/** What stands before the first entry. */
export function auditHead(format: AuditExportFormat): string {
  return format === 'csv' ? csvOf({ columns: FIELDS, rows: [] }) : '[\n';
}

/** Entries as text; `isFirst` = none was written before them. JSON has one entry a line, with every field of its hash. */
export function auditRows(format: AuditExportFormat, entries: readonly AuditEntry[], isFirst: boolean): string {
  if (entries.length === 0) return '';
  if (format === 'json') return `${isFirst ? '' : ',\n'}${entries.map((entry) => JSON.stringify(entry)).join(',\n')}`;
  const rows = entries.map((entry) => FIELDS.map((field) => cellOf(entry, field)));
  // The line of its columns was written as the head.
  return csvOf({ columns: [], rows }).slice(2);
}

/** What stands after the last entry. */
export function auditTail(format: AuditExportFormat): string {
  return format === 'csv' ? '' : '\n]\n';
}

function cellOf(entry: AuditEntry, field: keyof AuditEntry): string | number | null {
  if (field === 'details') return JSON.stringify(entry.details);
  return field === 'at' ? new Date(entry.at).toISOString() : entry[field];
}
