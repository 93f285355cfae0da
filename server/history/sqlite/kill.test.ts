/** kill -9 at any moment, on a process that writes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqliteHistory } from './store.ts';

const ROUNDS = 8;

/** Appends batches of three, each with its stretch, without end; prints the last id of each when it is acknowledged. */
const WRITER = `
const { sqliteHistory } = await import(process.argv[1]);
const store = sqliteHistory(process.argv[2]);
let { lastId: id } = await store.recall(Number(process.argv[3]));
const subject = { kind: 'queues', id: 'q' };
for (;;) {
  const transitions = Array.from({ length: 3 }, () => {
    id += 1;
    return { id, at: id, code: 'QueueLeader', subject, from: String(id - 1), to: String(id), by: [] };
  });
  const fact = { code: 'QueueLeader', subject, value: String(id), by: [] };
  await store.append({ transitions, facts: [fact], blind: [], aliveAt: id, stopping: false });
  console.log(id);
}
`;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-kill-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Runs the writer until it has acknowledged some batches, kills it, and gives the last acknowledged id. */
async function writeAndKill(path: string, bootedAt: number, acknowledged: number): Promise<number> {
  const module = pathToFileURL(join(import.meta.dirname, 'store.ts')).href;
  const args = ['--input-type=module', '-e', WRITER, module, path, String(bootedAt)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let last = 0;
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    count += 1;
    // The next batch is under way now: somewhere between the threads, in the file, or half of each.
    if (count === acknowledged) child.kill('SIGKILL');
  }
  await exit;
  return last;
}

test('loses no acknowledged transition, repeats none, and leaves facts that agree with the transitions', async () => {
  const path = join(dir, 'history.db');
  for (let round = 1; round <= ROUNDS; round++) {
    const acknowledged = await writeAndKill(path, round * 1e9, round * 7);
    const store = sqliteHistory(path);
    const { transitions } = await store.transitions({ limit: 10_000 });
    const ids = transitions.map(({ id }) => id).reverse();
    expect(ids.length).toBeGreaterThanOrEqual(acknowledged);
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, i) => i + 1));
    const recall = await store.recall(round * 1e9 + 1);
    expect(recall.lastId % 3).toBe(0);
    expect(recall.facts.map(({ fact }) => fact.value)).toEqual([String(recall.lastId)]);
    expect(recall.aliveAt).toBe(recall.lastId);
    await store.close();
  }
}, 60_000);
