/** kill -9 at any moment, on a process that writes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NOW } from '#server/history/tasks/store-cases.ts';
import { openTaskReader } from './reader.ts';
import { openTaskWriter } from './writer.ts';

const ROUNDS = 8;
/** Tasks in a batch; each ends the one that the batch before began. */
const BATCH = 20;

/** Writes batches without end and now and then deletes a slice; prints the number of each batch when it is acknowledged. */
const WRITER = `
const { openTaskWriter } = await import(process.argv[1]);
const { lifeOf, T0 } = await import(process.argv[2]);
const writer = openTaskWriter(process.argv[3]);
for (let batch = Number(process.argv[4]); ; batch++) {
  const tasks = (number) => Array.from({ length: ${BATCH} }, (_, i) => lifeOf('t' + number + '-' + i, { at: T0 + number * 100 + i }));
  const ends = batch === 0 ? [] : tasks(batch - 1).flatMap((life) => life.slice(2));
  writer.write([...ends, ...tasks(batch).flatMap((life) => life.slice(0, 2))], [{ worker: 'w', pid: 1, processed: batch, seen: batch, at: 1 }]);
  process.stdout.write(batch + '\\n');
  if (batch % 5 === 0) writer.upkeep(5);
}
`;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-kill-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Runs the writer until it has acknowledged some batches, kills it, and gives the last acknowledged one. */
async function writeAndKill(path: string, from: number, acknowledged: number): Promise<number> {
  const module = (file: string) => pathToFileURL(join(import.meta.dirname, file)).href;
  const args = ['--input-type=module', '-e', WRITER, module('writer.ts'), module('../store-cases.ts'), path, `${from}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const exit = once(child, 'exit');
  let last = -1;
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    count++;
    // The next batch is under way now: in memory, in the file, or half of it in each.
    if (count === acknowledged) child.kill('SIGKILL');
  }
  await exit;
  return last;
}

test('loses no acknowledged task, repeats none, and leaves indexes and figures that agree with the tasks', async () => {
  const path = join(dir, 'tasks.db');
  let next = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const acknowledged = await writeAndKill(path, next, round * 5);
    const writer = openTaskWriter(path);
    const [mark] = writer.marks();
    const stored = mark?.processed ?? -1;
    expect(stored).toBeGreaterThanOrEqual(acknowledged);
    const reader = openTaskReader(path, { limitMs: 60_000 });
    const all = (stored + 1) * BATCH;
    expect(await reader.counts({}, NOW)).toEqual({
      ...{ now: NOW, total: all, exact: true },
      byState: { RECEIVED: BATCH, ...(stored === 0 ? {} : { SUCCESS: all - BATCH }) },
    });
    const found = async (q: string) =>
      (await reader.tasks({ q, limit: 500, sort: 'newest' }, NOW)).tasks.map(({ id }) => id);
    expect(await found(`"customer-t${stored}-7'"`)).toEqual([`t${stored}-7`]);
    if (stored > 0) expect(await found(`"shipped t${stored - 1}-3'"`)).toEqual([`t${stored - 1}-3`]);
    await reader.close();
    writer.close();
    const db = new DatabaseSync(path);
    expect(db.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    expect(db.prepare('select count(*) as count from records').get()).toEqual({ count: all });
    db.close();
    next = stored + 1;
  }
}, 60_000);
