/** Since when findings are there, over the real store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Finding } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { FORGET_MS, startOpenFindings } from './open-findings.ts';
import { sqliteHistory } from './sqlite/store.ts';
import type { HistoryStore } from './store.ts';

let dir: string;
let store: HistoryStore;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-open-findings-'));
  store = sqliteHistory(join(dir, 'history.db'));
  await store.recall(0);
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

const findings = (open: Readonly<Record<string, number>>): Model['findings'] =>
  Object.fromEntries(Object.entries(open).map(([id, since]) => [id, { id, since } as Finding]));

/** A process that has read what was before it. */
async function started(clock: ReturnType<typeof manualClock>) {
  let isRead: () => void = () => {};
  const read = new Promise<void>((resolve) => {
    isRead = resolve;
  });
  const watched = { ...store, openFindings: () => store.openFindings().finally(isRead) };
  const open = startOpenFindings(watched, clock);
  await read;
  return open;
}

test('a finding keeps its beginning over a restart', async () => {
  const clock = manualClock(0);
  const first = await started(clock);
  first.note(findings({ 'A:hosts/a': 5 }));
  await vi.waitFor(async () => {
    clock.advance(1_000);
    expect(await store.openFindings()).toEqual({ 'A:hosts/a': 5 });
  });
  const second = await started(manualClock(0));
  await vi.waitFor(() => expect(second.sinceBefore('A:hosts/a')).toBe(5));
  expect(second.sinceBefore('constructor')).toBeUndefined();
});

test('what came and went in the last second before the end is as it was after the restart', async () => {
  await store.keepOpenFindings({ 'A:hosts/a': 5 });
  const first = await started(manualClock(0));
  await vi.waitFor(() => expect(first.sinceBefore('A:hosts/a')).toBe(5));
  first.note(findings({ 'B:hosts/b': 9 }));
  first.stop();
  store.end({ transitions: [], facts: [], blind: [], aliveAt: 10, stopping: true });
  const restarted = sqliteHistory(join(dir, 'history.db'));
  expect(await restarted.openFindings()).toEqual({ 'A:hosts/a': 5, 'B:hosts/b': 9 });
  await restarted.close();
});

test('what is not found again within a minute has ended, and begins anew when it comes back', async () => {
  await store.keepOpenFindings({ 'A:hosts/a': 5 });
  const clock = manualClock(0);
  const open = await started(clock);
  await vi.waitFor(() => expect(open.sinceBefore('A:hosts/a')).toBe(5));
  open.note(findings({ 'B:hosts/b': 9 }));
  clock.advance(FORGET_MS);
  expect(open.sinceBefore('A:hosts/a')).toBeUndefined();
  await vi.waitFor(async () => expect(await store.openFindings()).toEqual({ 'B:hosts/b': 9 }));
});

test('a crash in the first minute loses nothing of what was open before', async () => {
  await store.keepOpenFindings({ 'A:hosts/a': 5 });
  const clock = manualClock(0);
  const open = await started(clock);
  await vi.waitFor(() => expect(open.sinceBefore('A:hosts/a')).toBe(5));
  open.note(findings({ 'B:hosts/b': 9 }));
  await vi.waitFor(async () => {
    clock.advance(1_000);
    expect(await store.openFindings()).toEqual({ 'A:hosts/a': 5, 'B:hosts/b': 9 });
  });
});
