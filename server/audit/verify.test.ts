/** What somebody who can write the file does to it is found. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canonicalJson } from './canonical.ts';
import { hashOf } from './entry-hash.ts';
import { headPath, readHead, writeHead } from './head.ts';
import type { EntryRow } from './sqlite/rows.ts';
import { openWriter } from './sqlite/writer.ts';
import { verifyAudit } from './verify.ts';

const COUNT = 8;
const NOTE = {
  request: 'r',
  phase: 'after',
  actor: 'local',
  role: 'admin',
  action: 'task.retry',
  target: 't',
} as const;

let dir: string;
let path: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-audit-'));
  path = join(dir, 'audit.db');
  const writer = openWriter(path);
  for (let i = 1; i <= COUNT; i++)
    await writer.append(
      { ...NOTE, reason: `reason ${i}`, details: { b: i, a: [i, { z: 1, y: 2 }] }, outcome: 'done' },
      i,
    );
  await writer.close();
});
afterEach(() => rmSync(dir, { recursive: true }));

/** As somebody who knows SQLite: the triggers are theirs to remove. */
function tamper(...statements: string[]): void {
  const db = new DatabaseSync(path);
  for (const name of ['keep', 'stay', 'follow']) db.exec(`drop trigger if exists entries_${name}`);
  for (const statement of statements) db.exec(statement);
  db.close();
}

const faults = async () => (await verifyAudit(path, 0)).problems.map(({ fault, seq }) => `${fault} ${seq}`);

test('an audit that nobody touched is whole', async () => {
  expect(await verifyAudit(path, 5)).toEqual({
    ...{ upTo: COUNT, hash: readHead(path)?.hash, checkedAt: 5, problems: [] },
  });
});

describe('found, with its number, is', () => {
  test.each([
    ['at', '99'],
    ['request', "'x'"],
    ['phase', "'before'"],
    ['actor', "'x'"],
    ['role', "'x'"],
    ['action', "'x'"],
    ['target', "'x'"],
    ['reason', "'x'"],
    ['details', `'{"a":1}'`],
    ['details', "'no json'"],
    ['outcome', 'null'],
    ['hash', "'x'"],
  ])('a changed %s', async (column, value) => {
    tamper(`update entries set ${column} = ${value} where seq = 3`);
    expect(await faults()).toContain('changed 3');
  });

  test('a changed previous', async () => {
    tamper("update entries set previous = 'x' where seq = 3");
    expect(await faults()).toEqual(['broken-link 3', 'changed 3']);
  });

  test('a removed entry, and several', async () => {
    tamper('delete from entries where seq = 3');
    expect(await faults()).toEqual(['missing 3']);
    tamper('delete from entries where seq in (4, 5)');
    expect((await verifyAudit(path, 0)).problems[0]?.text).toBe('entries 3 to 5 are missing');
  });

  test('a removed first entry', async () => {
    tamper('delete from entries where seq = 1');
    expect(await faults()).toEqual(['missing 1']);
  });

  test('a removed entry whose place was closed up', async () => {
    tamper('delete from entries where seq = 3', 'update entries set seq = seq - 1 where seq > 3');
    expect(await faults()).toContain('broken-link 3');
  });

  test('an entry that was put in, with a hash of its own that fits', async () => {
    const db = new DatabaseSync(path);
    const third = db.prepare('select * from entries where seq = 3').get() as unknown as EntryRow;
    db.close();
    const entry = { ...third, reason: 'never said', details: JSON.parse(third.details) };
    tamper(`update entries set reason = 'never said', hash = '${hashOf(entry)}' where seq = 3`);
    expect(await faults()).toEqual(['broken-link 4']);
  });

  test('two entries that changed places', async () => {
    tamper(
      ...['update entries set seq = -1 where seq = 3', 'update entries set seq = 3 where seq = 4'],
      'update entries set seq = 4 where seq = -1',
    );
    expect(await faults()).toEqual(
      expect.arrayContaining(['broken-link 3', 'changed 3', 'broken-link 4', 'changed 4']),
    );
  });

  test('a tail that was cut off', async () => {
    tamper('delete from entries where seq > 5');
    expect(await faults()).toEqual(['tail-cut 6']);
  });

  test('a last entry that was replaced', async () => {
    tamper('delete from entries where seq = 8');
    const head = readHead(path);
    const writer = openWriter(path);
    rmSync(headPath(path));
    writeHead(path, {
      count: 7,
      hash: String(new DatabaseSync(path).prepare('select hash from entries where seq = 7').get()?.hash),
    });
    await writer.append({ ...NOTE, reason: 'never said', details: null, outcome: 'done' }, 8);
    await writer.close();
    if (head !== null) writeHead(path, head);
    expect(await faults()).toEqual(['head-differs 8']);
  });

  test('a head that is gone, with all entries or without', async () => {
    rmSync(headPath(path));
    expect(await faults()).toEqual([`head-missing ${COUNT}`]);
  });

  test('an audit that is gone altogether, while its head is there', async () => {
    rmSync(path);
    expect(await faults()).toEqual(['tail-cut 1']);
  });
});

test('a head that is behind, as after a kill between entry and head, is no fault', async () => {
  const db = new DatabaseSync(path, { readOnly: true });
  const hash = String(db.prepare('select hash from entries where seq = 7').get()?.hash);
  db.close();
  writeHead(path, { count: 7, hash });
  expect(await faults()).toEqual([]);
});

test('nothing is added to an audit whose tail was cut or whose head is gone, or the trace would be lost', async () => {
  const note = { ...NOTE, reason: 'more', details: null, outcome: 'done' } as const;
  tamper('delete from entries where seq > 5');
  const writer = openWriter(path);
  await expect(writer.append(note, 9)).rejects.toThrow(/entries were removed or replaced/);
  rmSync(headPath(path));
  await expect(writer.append(note, 9)).rejects.toThrow(/is missing or damaged, so nothing is added/);
  await writer.close();
});

test('the tables themselves let nothing be changed, removed, put in between or replaced', () => {
  const db = new DatabaseSync(path);
  const columns = 'seq, at, request, phase, actor, role, action, target, reason, details, outcome, previous, hash';
  const values = "9, 'r', 'after', 'a', 'a', 'a', 'a', 'a', '{}', 'done', 'p', 'h'";
  for (const statement of [
    "update entries set reason = 'x'",
    'delete from entries where seq = 8',
    `insert into entries (${columns}) values (3, ${values})`,
    `insert into entries (${columns}) values (20, ${values})`,
    `insert or replace into entries (${columns}) values (3, ${values})`,
  ])
    expect(() => db.exec(statement), statement).toThrow(/append-only/);
  db.close();
});

test('the canonical JSON of a value does not depend on the order of its keys, and tells all else apart', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const shuffled = JSON.parse(JSON.stringify(a), (_, item) =>
        typeof item === 'object' && item !== null && !Array.isArray(item)
          ? Object.fromEntries(Object.entries(item).reverse())
          : item,
      );
      expect(canonicalJson(shuffled)).toBe(canonicalJson(a));
      expect(JSON.parse(canonicalJson(a))).toEqual(JSON.parse(JSON.stringify(a)));
      const isSame = JSON.stringify(JSON.parse(canonicalJson(a))) === JSON.stringify(JSON.parse(canonicalJson(b)));
      expect(canonicalJson(a) === canonicalJson(b)).toBe(isSame);
    }),
    { seed: 7, numRuns: 300 },
  );
});
