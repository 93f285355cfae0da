/** Acknowledgements over the real store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { startAcknowledgements } from './acknowledgements.ts';
import { sqliteHistory } from './sqlite/store.ts';
import type { HistoryStore } from './store.ts';

const one = { by: 'ann', reason: 'on it', at: 1_000, until: 9_000 };
let dir: string;
let store: HistoryStore;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-acknowledgements-'));
  store = sqliteHistory(join(dir, 'history.db'));
  await store.recall(0);
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

test('what was acknowledged before a restart is acknowledged after it', async () => {
  await startAcknowledgements(store, manualClock(0)).set('A:hosts/a', one);
  const next = startAcknowledgements(store, manualClock(0));
  await vi.waitFor(() => expect(next.current.get('A:hosts/a')).toEqual(one));
});

test('a store that cannot be read at first is read as soon as it can', async () => {
  await store.acknowledge('A:hosts/a', one);
  const clock = manualClock(0);
  let broken = true;
  const flaky = {
    ...store,
    acknowledgements: () => (broken ? Promise.reject(new Error('locked')) : store.acknowledgements()),
  };
  const acknowledgements = startAcknowledgements(flaky, clock);
  await Promise.resolve();
  broken = false;
  await vi.waitFor(() => {
    clock.advance(5_000);
    expect(acknowledgements.current.size).toBe(1);
  });
});

test('what could not be stored does not count, and the caller is told why', async () => {
  const full = { ...store, acknowledge: () => Promise.reject(new Error('the disk is full')) };
  const acknowledgements = startAcknowledgements(full, manualClock(0));
  await expect(acknowledgements.set('A:hosts/a', one)).rejects.toMatchObject({
    code: 'HISTORY_UNAVAILABLE',
    message: 'the disk is full',
  });
  expect(acknowledgements.current.size).toBe(0);
});
