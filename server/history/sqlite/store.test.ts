import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { batchOf, describeHistoryStore, transitionOf } from '#server/history/history-contract.ts';
import type { HistoryStore } from '#server/history/store.ts';
import { sqliteHistory } from './store.ts';

describeHistoryStore('SQLite', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'trellis-history-'));
  return { open: () => sqliteHistory(join(dir, 'history.db')), remove: async () => rmSync(dir, { recursive: true }) };
});

test('the last batch is in the file when the call returns, not some time later', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'trellis-history-'));
  const path = join(dir, 'history.db');
  const store = sqliteHistory(path);
  await store.recall(0);
  store.end(batchOf({ transitions: [transitionOf(1_000)] }));
  // Nothing was awaited: a process that exits here has lost nothing.
  const file = new DatabaseSync(path, { readOnly: true });
  expect(file.prepare('select id from transitions').all()).toEqual([{ id: 1_000 }]);
  file.close();
  await store.close();
  rmSync(dir, { recursive: true });
});

describe('a file that fails', () => {
  let dir: string;
  let path: string;
  let store: HistoryStore;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'trellis-history-'));
    path = join(dir, 'history.db');
    store = sqliteHistory(path);
  });
  afterEach(async () => {
    await store.close();
    rmSync(dir, { recursive: true });
  });
  const one = batchOf({ transitions: [transitionOf(1_000)] });
  const stored = async () => (await store.transitions({ limit: 9 })).transitions.map(({ id }) => id);

  test('because another process holds it says so, and takes the same batch when it is free', async () => {
    await store.recall(0);
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    await expect(store.append(one)).rejects.toThrow(/history\.db is locked: another process/);
    other.exec('rollback');
    other.close();
    await store.append(one);
    expect(await stored()).toEqual([1_000]);
  });

  test('because it is damaged says so, and a new one is begun when it is moved away', async () => {
    writeFileSync(path, 'not a database, but long enough to be taken for one\n'.repeat(100));
    await expect(store.recall(0)).rejects.toThrow(/history\.db is damaged .* Move it away/);
    await expect(store.transitions({ limit: 1 })).rejects.toThrow(/is damaged/);
    renameSync(path, `${path}.bad`);
    await store.recall(0);
    await store.append(one);
    expect(await stored()).toEqual([1_000]);
  });

  test('because its folder cannot be made says which, and works once it can', async () => {
    rmSync(dir, { recursive: true });
    writeFileSync(dir, '');
    await expect(store.recall(0)).rejects.toThrow(path);
    rmSync(dir);
    await store.recall(0);
    await store.append(one);
    expect(await stored()).toEqual([1_000]);
  });

  test('by being taken away while it is open gets a successor, and no write goes where nobody finds it', async () => {
    await store.recall(0);
    await store.append(one);
    expect(await stored()).toEqual([1_000]);
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    await store.append(batchOf({ transitions: [transitionOf(2_000)] }));
    expect(await stored()).toEqual([2_000]);
  });

  test('is not made by the reading thread', async () => {
    await expect(store.transitions({ limit: 1 })).rejects.toThrow(/cannot be opened/);
  });
});
