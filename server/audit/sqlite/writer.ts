/** Everything that writes the audit's file, in the thread that owns it. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { AuditEntry } from '#lib/contract/audit.ts';
import type { AuditNote, KeptRequest } from '#server/audit/audit.ts';
import { canonicalJson } from '#server/audit/canonical.ts';
import { FIRST_PREVIOUS, hashOf } from '#server/audit/entry-hash.ts';
import { headPath, readHead, writeHead } from '#server/audit/head.ts';
import { keptFile, transact } from '#server/sqlite/file.ts';
import { openWritable } from './file.ts';
import { COLUMNS, type EntryRow, linkOf } from './rows.ts';

const DAY_MS = 86_400_000;
/** After this a repeat is no repeat any more. */
const KEYS_KEPT_MS = 30 * DAY_MS;

type RequestRow = { key: string; fingerprint: string; request: string; status: number | null; body: string | null };

export type AuditWriter = {
  append(note: AuditNote, now: number): Promise<AuditEntry>;
  /** Gives every `before` without an `after` one with outcome unknown. */
  recover(now: number): Promise<void>;
  claim(claim: Omit<KeptRequest, 'response'>, now: number): Promise<KeptRequest | null>;
  settle(key: string, response: { status: number; body: unknown }): Promise<void>;
  close(): Promise<void>;
};

/** The writing half, in this thread. The file is opened when it is needed and again after any failure. */
export function openWriter(path: string): AuditWriter {
  const file = keptFile(
    path,
    () => openWritable(path),
    (db) => db,
  );
  // What fails is told as a promise that fails.
  const use = async <T>(work: (db: DatabaseSync) => T) => file.use(work);

  return {
    append: (note, now) => use((open) => appendAll(open, path, [note], now)[0] as AuditEntry),
    recover: (now) =>
      use((open) => {
        open.prepare('delete from requests where at < ?').run(now - KEYS_KEPT_MS);
        const left = open.prepare(LEFT_OPEN).all() as unknown as EntryRow[];
        appendAll(open, path, left.map(unknownOutcome), now);
      }),
    claim: (claim, now) => use((open) => transact(open, 'begin immediate', () => claimKey(open, claim, now))),
    settle: (key, { status, body }) =>
      use((open) => {
        open.prepare('update requests set status = ?, body = ? where key = ?').run(status, JSON.stringify(body), key);
      }),
    close: async () => file.close(),
  };
}

const LEFT_OPEN = `select * from entries as begun where phase = 'before'
  and not exists (select 1 from entries where request = begun.request and phase = 'after') order by seq`;

function unknownOutcome({ request, actor, role, action, target, reason }: EntryRow): AuditNote {
  const details = { text: 'Trellis ended before it learned how it went' };
  return { request, phase: 'after', actor, role, action, target, reason, details, outcome: 'unknown' };
}

const INSERT = `insert into entries (${COLUMNS.join(', ')}) values (${COLUMNS.map(() => '?').join(', ')})`;

function appendAll(db: DatabaseSync, path: string, notes: readonly AuditNote[], now: number): AuditEntry[] {
  if (notes.length === 0) return [];
  const entries = transact(db, 'begin immediate', () => {
    const last = db.prepare('select seq, hash from entries order by seq desc limit 1').get() as
      | { seq: number; hash: string }
      | undefined;
    checkHead(db, path, last?.seq ?? 0);
    const insert = db.prepare(INSERT);
    let seq = last?.seq ?? 0;
    let previous = last?.hash ?? FIRST_PREVIOUS;
    return notes.map((note) => {
      seq += 1;
      const unsigned = { seq, at: Math.round(now), ...note, previous };
      const row = { ...unsigned, details: canonicalJson(note.details) };
      const { entry } = linkOf({ ...row, hash: '' });
      const hash = hashOf(entry);
      insert.run(...COLUMNS.map((column): SQLInputValue => ({ ...row, hash })[column]));
      previous = hash;
      return { ...entry, hash };
    });
  });
  writeHead(path, { count: entries.at(-1)?.seq ?? 0, hash: entries.at(-1)?.hash ?? FIRST_PREVIOUS });
  return entries;
}

/** To go on after somebody cut the end off would write over the only trace of it. */
function checkHead(db: DatabaseSync, path: string, last: number): void {
  const head = readHead(path);
  // Killed between the first entry of all and the first head.
  if (head === null && last <= 1) return;
  const remedy = 'Look with: npm run audit -- verify. To begin a new audit move both files away';
  if (head === null) throw new Error(`${headPath(path)} is missing or damaged, so nothing is added. ${remedy}`);
  const known = db.prepare('select hash from entries where seq = ?').get(head.count)?.hash ?? FIRST_PREVIOUS;
  if (head.count > last || known !== head.hash)
    throw new Error(`it is not what ${headPath(path)} knows: entries were removed or replaced. ${remedy}`);
}

function claimKey(db: DatabaseSync, claim: Omit<KeptRequest, 'response'>, now: number): KeptRequest | null {
  const { key, fingerprint, request, isRunning } = claim;
  const kept = db.prepare('select * from requests where key = ?').get(key) as RequestRow | undefined;
  if (kept !== undefined && (isRunning || kept.status !== null || hasBegun(db, kept.request)))
    return {
      ...{ key, fingerprint: kept.fingerprint, request: kept.request, isRunning },
      response: kept.status === null ? null : { status: kept.status, body: JSON.parse(kept.body ?? 'null') },
    };
  db.prepare('insert or replace into requests (key, fingerprint, request, at) values (?, ?, ?, ?)').run(
    ...[key, fingerprint, request, Math.round(now)],
  );
  return null;
}

function hasBegun(db: DatabaseSync, request: string): boolean {
  return db.prepare('select 1 from entries where request = ? limit 1').get(request) !== undefined;
}
