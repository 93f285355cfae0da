import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TaskReader, TaskWriter } from '#server/history/tasks/store.ts';
import { lifeOf, NOW } from '#server/history/tasks/store-cases.ts';
import { sqliteTasks } from './store.ts';
import { vacuumTasks } from './vacuum.ts';
import { openTaskWriter } from './writer.ts';

/** What is found must not depend on how busy the machine is. */
const PATIENT_MS = 60_000;

let dir: string;
let path: string;
let writer: TaskWriter;
let reader: TaskReader;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-tasks-'));
  path = join(dir, 'data', 'tasks.db');
  writer = openTaskWriter(path);
  reader = sqliteTasks(path, PATIENT_MS);
});
afterEach(async () => {
  writer.close();
  await reader.close();
  rmSync(dir, { recursive: true, force: true });
});

const stored = async () => (await reader.tasks({ limit: 100, sort: 'newest' }, NOW)).tasks.map(({ id }) => id);

describe('a file that fails', () => {
  test('because another process holds it says so, and takes the same batch when it is free', async () => {
    writer.marks();
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    expect(() => writer.write(lifeOf('a'), [])).toThrow(/tasks\.db is locked: another process/);
    other.exec('rollback');
    other.close();
    expect(writer.write(lifeOf('a'), []).changed).toHaveLength(1);
    expect(await stored()).toEqual(['a']);
  });

  test('in the middle of a batch keeps nothing of it, and takes it whole the next time', async () => {
    writer.write(lifeOf('a'), []);
    const db = new DatabaseSync(path);
    db.exec(`create trigger broken before insert on marks begin select raise(abort, 'no more'); end`);
    const many = Array.from({ length: 500 }, (_, i) => lifeOf(`t${i}`)).flat();
    const mark = { worker: 'w', pid: 1, processed: 1, seen: 1, at: 1 };
    expect(() => writer.write(many, [mark])).toThrow(/tasks\.db: no more/);
    expect(await stored()).toEqual(['a']);
    expect((await reader.counts({}, NOW)).total).toBe(1);
    db.exec('drop trigger broken');
    db.close();
    expect(writer.write(many, [mark]).changed).toHaveLength(500);
    expect((await reader.counts({}, NOW)).total).toBe(501);
    expect((await reader.tasks({ q: "customer-t499'", limit: 9, sort: 'newest' }, NOW)).tasks).toHaveLength(1);
  });

  test('because it is damaged says so, and a new one is begun when it is moved away', async () => {
    mkdirSync(join(dir, 'data'));
    writeFileSync(path, 'not a database, but long enough to be taken for one\n'.repeat(100));
    expect(() => writer.write(lifeOf('a'), [])).toThrow(/tasks\.db is damaged .* Move it away/);
    await expect(stored()).rejects.toThrow(/is damaged/);
    renameSync(path, `${path}.bad`);
    writer.write(lifeOf('a'), []);
    expect(await stored()).toEqual(['a']);
  });

  test('because one of its rows is no task says so, and tells the others', async () => {
    writer.write([...lifeOf('a'), ...lifeOf('b', { at: NOW })], []);
    const db = new DatabaseSync(path);
    db.exec(`update records set record = '{' where id = (select max(id) from tasks)`);
    db.close();
    await expect(stored()).rejects.toThrow(/tasks\.db is damaged .*Move it away/);
    expect((await reader.task('a'))?.task.id).toBe('a');
  });

  test('because its folder cannot be made says which, and works once it can', async () => {
    writeFileSync(join(dir, 'data'), '');
    expect(() => writer.write(lifeOf('a'), [])).toThrow(path);
    rmSync(join(dir, 'data'));
    writer.write(lifeOf('a'), []);
    expect(await stored()).toEqual(['a']);
  });

  test('by being taken away while it is open gets a successor, and no write goes where nobody finds it', async () => {
    writer.write(lifeOf('a'), []);
    expect(await stored()).toEqual(['a']);
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    writer.write(lifeOf('b'), []);
    expect(await stored()).toEqual(['b']);
  });

  test('because a newer Trellis wrote it is left as it is', async () => {
    writer.write(lifeOf('a'), []);
    writer.close();
    const db = new DatabaseSync(path);
    db.exec('pragma user_version = 99');
    db.close();
    expect(() => writer.write(lifeOf('b'), [])).toThrow(/written by a newer Trellis/);
    await expect(stored()).rejects.toThrow(/written by a newer Trellis/);
  });

  test('is not made by the reading thread', async () => {
    await expect(stored()).rejects.toThrow(/cannot be opened/);
  });
});

test('what was deleted is given back by a vacuum, and everything else stays', async () => {
  writer.write(Array.from({ length: 2_000 }, (_, i) => lifeOf(`t${i}`, { at: NOW + i * 10 })).flat(), []);
  while (writer.retain({ maxAgeMs: 1e13, maxRows: 50, maxBytes: 1e15 }, NOW).more);
  const { beforeBytes, afterBytes } = vacuumTasks(path);
  expect(afterBytes).toBeLessThan(beforeBytes / 2);
  expect(await stored()).toHaveLength(50);
  const { tasks } = await reader.tasks({ q: "customer-t1999'", limit: 9, sort: 'newest' }, NOW);
  expect(tasks.map(({ id }) => id)).toEqual(['t1999']);
  writer.write(lifeOf('new', { at: NOW + 1e6 }), []);
  expect((await stored())[0]).toBe('new');
});
