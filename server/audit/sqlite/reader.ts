/** Everything that only reads the audit's file: pages of it, and the check of its chain. */

import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { AuditEntry, ChainState } from '#lib/contract/audit.ts';
import type { AuditQuery } from '#server/audit/audit.ts';
import { type ChainCheck, createChainCheck } from '#server/audit/chain.ts';
import { readHead } from '#server/audit/head.ts';
import { explain } from '#server/sqlite/explain.ts';
import { openReadable } from './file.ts';
import { type EntryRow, linkOf } from './rows.ts';

/** Entries that are checked in one go: between two of them a page can be read. */
const SLICE = 1_000;
/** What was checked once is checked again after this. */
const CHECK_AGAIN_MS = 600_000;

export type AuditReader = {
  /** Newest first. */
  page(query: AuditQuery): Promise<{ entries: AuditEntry[]; next: number | null }>;
  chain(now: number): Promise<ChainState>;
  close(): Promise<void>;
};

/** The reading half, in this thread. */
export function openReader(path: string): AuditReader {
  let db: DatabaseSync | null = null;
  let check = createChainCheck();
  let checkedFromStartAt: number | null = null;
  let checking: Promise<ChainState> | null = null;

  async function close(): Promise<void> {
    const closing = db;
    db = null;
    closing?.close();
  }

  async function use<T>(work: (db: DatabaseSync) => T | Promise<T>): Promise<T> {
    try {
      db ??= openReadable(path);
      return await work(db);
    } catch (error) {
      await close().catch(() => {});
      throw explain(error, path);
    }
  }

  async function runCheck(now: number): Promise<ChainState> {
    const isDue = checkedFromStartAt === null || now - checkedFromStartAt >= CHECK_AGAIN_MS;
    if (isDue || check.problems.length > 0) {
      check = createChainCheck();
      checkedFromStartAt = now;
    }
    await use((open) => follow(open, path, check));
    return { upTo: check.upTo, hash: check.hash, checkedAt: now, problems: [...check.problems] };
  }

  return {
    page: (query) => use((open) => pageOf(open, query)),
    chain(now) {
      checking ??= runCheck(now).finally(() => {
        checking = null;
      });
      return checking;
    },
    close,
  };
}

/** Goes on from where the check is to the end of the file, slice by slice. */
export async function follow(db: DatabaseSync, path: string, check: ChainCheck): Promise<void> {
  // Read before the entries: each entry is stored before the head names it.
  const head = readHead(path);
  const slice = db.prepare('select * from entries where seq > ? order by seq limit ?');
  for (;;) {
    const rows = slice.all(check.upTo, SLICE) as unknown as EntryRow[];
    for (const row of rows) check.take(linkOf(row));
    if (rows.length < SLICE) break;
    await setImmediate();
  }
  const hash = db.prepare('select hash from entries where seq = ?');
  check.end(head, (seq) => (hash.get(seq)?.hash as string | undefined) ?? null);
}

function pageOf(db: DatabaseSync, query: AuditQuery): { entries: AuditEntry[]; next: number | null } {
  const { limit, before, actor, action, target, from, to } = query;
  const conditions: [sql: string, value: SQLInputValue | undefined][] = [
    ['seq < ?', before],
    ['actor = ?', actor],
    ['action = ?', action],
    ['target = ?', target],
    ['at >= ?', from],
    ['at <= ?', to],
  ];
  const given = conditions.filter((one): one is [string, SQLInputValue] => one[1] !== undefined);
  const where = given.length === 0 ? '' : `where ${given.map(([sql]) => sql).join(' and ')}`;
  const rows = db
    .prepare(`select * from entries ${where} order by seq desc limit ?`)
    .all(...given.map(([, value]) => value), limit + 1) as unknown as EntryRow[];
  const entries = rows.slice(0, limit).map((row) => linkOf(row).entry);
  return { entries, next: rows.length > limit ? (entries.at(-1)?.seq ?? null) : null };
}
