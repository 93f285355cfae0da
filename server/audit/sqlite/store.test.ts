/** The audit behind its threads: order, keys, recovery, failures. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Audit, AuditNote } from '#server/audit/audit.ts';
import { sqliteAudit } from './store.ts';

let dir: string;
let path: string;
let audit: Audit;
const opened: Audit[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-audit-'));
  path = join(dir, 'audit.db');
  audit = open();
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  rmSync(dir, { recursive: true });
});

function open(options: { isGuest?: boolean } = {}): Audit {
  const one = sqliteAudit(path, () => 1_000, options);
  opened.push(one);
  return one;
}

function note(request: string, fields: Partial<AuditNote> = {}): AuditNote {
  return {
    ...{
      request,
      phase: 'before',
      actor: 'local',
      role: 'admin',
      action: 'task.retry',
      target: 't',
      reason: 'because',
    },
    ...{ details: {}, outcome: null, ...fields },
  };
}
const after = (request: string) => note(request, { phase: 'after', outcome: 'done' });
const seqs = async (query: Parameters<Audit['page']>[0]) => (await audit.page(query)).entries.map(({ seq }) => seq);

test('entries are numbered without a gap and chained, also when they come all at once', async () => {
  const entries = await Promise.all(Array.from({ length: 20 }, (_, i) => audit.append(note(`r${i}`))));
  expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  for (const [i, entry] of entries.entries()) expect(entry.previous).toBe(entries[i - 1]?.hash ?? '0'.repeat(64));
  expect(await audit.chain()).toMatchObject({ upTo: 20, problems: [] });
});

test('pages go from the newest back, each entry once, and filters leave out the rest', async () => {
  for (let i = 1; i <= 7; i++)
    await audit.append(note(`r${i}`, { actor: i % 2 === 0 ? 'token:ci' : 'local', target: `t${i}` }));
  const first = await audit.page({ limit: 3 });
  expect(first.entries.map(({ seq }) => seq)).toEqual([7, 6, 5]);
  expect(first.next).toBe(5);
  expect(await seqs({ limit: 3, before: 5 })).toEqual([4, 3, 2]);
  expect((await audit.page({ limit: 3, before: 2 })).next).toBeNull();
  expect(await seqs({ limit: 9, actor: 'token:ci' })).toEqual([6, 4, 2]);
  expect(await seqs({ limit: 9, target: 't3' })).toEqual([3]);
  expect(await seqs({ limit: 9, action: 'task.send' })).toEqual([]);
  expect(await seqs({ limit: 9, from: 1_001 })).toEqual([]);
});

test('what is checked once is not checked again, what came since is', async () => {
  await audit.append(note('a'));
  expect((await audit.chain()).upTo).toBe(1);
  await audit.append(after('a'));
  expect(await audit.chain()).toMatchObject({ upTo: 2, problems: [] });
});

test('only its owner may read it', async () => {
  await audit.append(note('a'));
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777, name).toBe(0o600);
});

test('secrets do not reach the file', async () => {
  await audit.append(
    note('a', { reason: 'see amqp://u:hunter2@h', target: 'redis://u:hunter2@h', details: { password: 'hunter2' } }),
  );
  await audit.claim('key-00001', 'f', 'a');
  await audit.settle('key-00001', { status: 200, body: { url: 'amqp://u:hunter2@h' } });
  await audit.close();
  const db = new DatabaseSync(path, { readOnly: true });
  expect(
    JSON.stringify([db.prepare('select * from entries').all(), db.prepare('select * from requests').all()]),
  ).not.toContain('hunter2');
  db.close();
});

test('a key is claimed once; its answer is kept, also for the next process', async () => {
  expect(await audit.claim('key-00001', 'f', 'a')).toBeNull();
  expect(await audit.claim('key-00001', 'f', 'b')).toMatchObject({ request: 'a', isRunning: true, response: null });
  await audit.append(note('a'));
  await audit.settle('key-00001', { status: 201, body: { n: 1 } });
  audit.release('key-00001');
  for (const one of [audit, open()])
    expect(await one.claim('key-00001', 'g', 'c')).toEqual({
      ...{
        key: 'key-00001',
        fingerprint: 'f',
        request: 'a',
        isRunning: false,
        response: { status: 201, body: { n: 1 } },
      },
    });
});

test('of many that claim a key at once one gets it', async () => {
  const claims = await Promise.all(Array.from({ length: 20 }, (_, i) => audit.claim('key-00001', 'f', `r${i}`)));
  expect(claims.filter((one) => one === null)).toHaveLength(1);
});

test('a key whose write never began is free again; one whose write began is not', async () => {
  await audit.claim('key-00001', 'f', 'a');
  audit.release('key-00001');
  expect(await audit.claim('key-00001', 'f', 'b')).toBeNull();
  await audit.append(note('b'));
  audit.release('key-00001');
  expect(await audit.claim('key-00001', 'f', 'c')).toMatchObject({ request: 'b', isRunning: false, response: null });
});

test('what an earlier process left open is closed as unknown, once; what this one does is left alone', async () => {
  for (const entry of [note('a'), note('b'), after('b')]) await audit.append(entry);
  const next = open();
  await next.recover();
  await next.append(note('c'));
  await next.recover();
  const { entries } = await next.page({ limit: 9 });
  expect(entries.map(({ request, phase, outcome }) => [request, phase, outcome])).toEqual([
    ['c', 'before', null],
    ['a', 'after', 'unknown'],
    ['b', 'after', 'done'],
    ['b', 'before', null],
    ['a', 'before', null],
  ]);
  expect(await next.chain()).toMatchObject({ problems: [] });
});

test('the command line beside a running Trellis leaves what that is at alone', async () => {
  await audit.append(note('a'));
  const guest = open({ isGuest: true });
  await guest.append(note('b'));
  await guest.append(after('b'));
  await audit.append(after('a'));
  const { entries } = await audit.page({ limit: 9 });
  expect(entries.map(({ outcome }) => outcome)).toEqual(['done', 'done', null, null]);
  expect(await audit.chain()).toMatchObject({ upTo: 4, problems: [] });
});

test('a file that cannot be used fails with a code, and works again when it is mended', async () => {
  writeFileSync(path, 'not a database, but long enough to be taken for one\n'.repeat(100));
  await expect(audit.append(note('a'))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  await expect(audit.claim('key-00001', 'f', 'a')).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  await audit.refused(note('a'));
  rmSync(path);
  expect(await audit.claim('key-00001', 'f', 'a')).toBeNull();
  expect((await audit.append(note('a'))).seq).toBe(1);
});
