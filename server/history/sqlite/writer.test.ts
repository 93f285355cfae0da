import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { batchOf, factOf, transitionOf } from '#server/history/history-contract.ts';
import { explain } from '#server/sqlite/explain.ts';
import { openWriter } from './writer.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-history-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('a batch is stored whole or not at all', async () => {
  const path = join(dir, 'history.db');
  const writer = openWriter(path);
  await writer.recall(0);
  const blind = [{ id: 'a@1', what: 'a', from: 1, to: null, code: null as never }];
  const batch = batchOf({ transitions: [transitionOf(1_000)], facts: [factOf('x', '1')], blind });
  await expect(writer.append(batch)).rejects.toThrow('NOT NULL');
  expect(await writer.recall(1)).toMatchObject({ lastId: 0, facts: [] });
  await writer.close();
});

test('a full disk is called by its name', () => {
  const db = new DatabaseSync(':memory:');
  db.exec('pragma max_page_count = 2; create table t (x)');
  const fill = () => db.exec(`insert into t values (zeroblob(100000))`);
  let thrown: unknown;
  try {
    fill();
  } catch (error) {
    thrown = error;
  }
  expect(explain(thrown, '/data/history.db').message).toBe('/data/history.db cannot grow: the disk is full');
});

test('calls that come at once are carried out one after the other', async () => {
  const writer = openWriter(join(dir, 'history.db'));
  await Promise.all([
    writer.recall(0),
    ...Array.from({ length: 50 }, (_, i) => writer.append(batchOf({ transitions: [transitionOf(i + 1)], aliveAt: i }))),
  ]);
  expect(await writer.recall(100)).toMatchObject({ lastId: 50, aliveAt: 49 });
  await writer.close();
});
