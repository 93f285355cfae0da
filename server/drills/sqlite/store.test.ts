/** Runs on disk: what was saved is there for the next Trellis. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DrillId, RunState } from '#lib/model/drill.ts';
import { NO_CANARIES, type RunRecord } from '#server/drills/run-record.ts';
import { sqliteRuns } from './store.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trellis-runs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function record(id: string, startedAt: number, state: RunState = 'ended', drill: DrillId = 'redis-switch'): RunRecord {
  const mark = { at: startedAt, by: 'Trellis', text: 'a mark' };
  return {
    run: {
      ...{ id, drill, target: 'results', actor: 'ada', reason: 'why', state, verdict: null, because: [] },
      ...{ startedAt, faultAt: null, endedAt: null, steps: [], checks: [], outages: [], ledger: NO_CANARIES },
      ...{ marks: [mark], undoLeft: [] },
    },
    context: {} as RunRecord['context'],
    facts: { winner: 'results/127.0.1.1:6379' },
    undo: [{ step: 'hold', at: startedAt, call: { verb: 'redis.unpause', address: '127.0.1.2:6379' }, done: false }],
  };
}

test('what was saved is read by the next one that opens the file; a later save replaces it', async () => {
  const path = join(folder, 'deep', 'drills.db');
  const first = sqliteRuns(path);
  await first.save(record('a', 1, 'running'));
  await first.save(record('a', 1, 'undoing'));
  await first.close();
  const next = sqliteRuns(path);
  expect(await next.load('a')).toEqual(record('a', 1, 'undoing'));
  expect(await next.load('b')).toBeNull();
  await next.close();
});

test('runs that have not ended are found, oldest first; lists are newest first, of one drill, and without marks', async () => {
  const store = sqliteRuns(join(folder, 'drills.db'));
  await store.save(record('b', 2, 'lost'));
  await store.save(record('a', 1, 'running'));
  await store.save(record('c', 3, 'ended', 'beat-handover'));
  expect((await store.unended()).map(({ run }) => run.id)).toEqual(['a', 'b']);
  expect((await store.list({ limit: 2 })).map(({ id }) => id)).toEqual(['c', 'b']);
  expect((await store.list({ limit: 9, drill: 'redis-switch' })).map(({ id }) => id)).toEqual(['b', 'a']);
  expect((await store.list({ limit: 1 }))[0]).not.toHaveProperty('marks');
  await store.close();
});

test('a file that cannot be used is a message for people', async () => {
  const store = sqliteRuns(folder);
  await expect(store.save(record('a', 1))).rejects.toThrow(folder);
  await store.close();
});
