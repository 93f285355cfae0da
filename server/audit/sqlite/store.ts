/** The audit in one SQLite file of its own, behind two threads. */
import { Worker } from 'node:worker_threads';
import type { AuditEntry } from '#lib/contract/audit.ts';
import type { Audit, AuditNote } from '#server/audit/audit.ts';
import { createRefusalBound } from '#server/audit/refusal-bound.ts';
import { scrubAnswer, scrubDetails, scrubName, scrubText } from '#server/audit/scrub.ts';
import { createThread } from '#server/sqlite/calls.ts';
import type { AuditReader } from './reader.ts';
import type { AuditWriter } from './writer.ts';

// Each thread would say that node:sqlite is young; and this process's own options are not meant for them.
const EXEC_ARGV = ['--disable-warning=ExperimentalWarning'];

/**
 * The audit in the file `path`. Nothing is opened before the first call; `clock` gives epoch ms. A guest (the command line)
 * leaves alone what is without an `after`: a running Trellis may be at it.
 */
export function sqliteAudit(path: string, clock: () => number, { isGuest = false } = {}): Audit {
  const options = { workerData: { path }, execArgv: EXEC_ARGV };
  const writer = createThread<AuditWriter>(() => new Worker(new URL('./writer.worker.ts', import.meta.url), options));
  const reader = createThread<AuditReader>(() => new Worker(new URL('./reader.worker.ts', import.meta.url), options));
  const running = new Set<string>();
  const bound = createRefusalBound();
  let recovered: Promise<void> | null = null;

  /** Before this process writes anything, what earlier ones left open is closed; what failed is tried again. */
  function recover(): Promise<void> {
    if (isGuest) return Promise.resolve();
    recovered ??= writer.call('recover', clock()).catch((error) => {
      recovered = null;
      throw error;
    });
    return recovered;
  }

  async function ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      await recover();
      return await work();
    } catch (error) {
      throw Object.assign(new Error((error as Error).message, { cause: error }), { code: 'AUDIT_UNAVAILABLE' });
    }
  }

  function append(note: AuditNote): Promise<AuditEntry> {
    const { reason, target, details } = note;
    const scrubbed = { reason: scrubText(reason), target: scrubName(target), details: scrubDetails(details) };
    return ask(() => writer.call('append', { ...note, ...scrubbed }, clock()));
  }

  return {
    recover: () => ask(async () => {}),
    append,
    async refused(note) {
      const unrecorded = bound.take(clock());
      if (unrecorded === null) return;
      const details = unrecorded === 0 ? note.details : { refusal: note.details, unrecordedBefore: unrecorded };
      await append({ ...note, details, phase: 'after', outcome: 'refused' }).catch(() => {});
    },
    page: (query) => ask(async () => ({ now: clock(), ...(await reader.call('page', query)) })),
    async claim(key, fingerprint, request) {
      const isRunning = running.has(key);
      running.add(key);
      try {
        const kept = await ask(() => writer.call('claim', { key, fingerprint, request, isRunning }, clock()));
        // One that runs is of whoever claimed it first.
        if (kept === null) running.add(key);
        else if (!isRunning) running.delete(key);
        return kept;
      } catch (error) {
        if (!isRunning) running.delete(key);
        throw error;
      }
    },
    settle: (key, { status, body }) => ask(() => writer.call('settle', key, { status, body: scrubAnswer(body) })),
    release: (key) => void running.delete(key),
    chain: () => ask(() => reader.call('chain', clock())),
    async close() {
      // A file that cannot be closed is let go with its thread.
      if (writer.running) await writer.call('close').catch(() => {});
      if (reader.running) await reader.call('close').catch(() => {});
      await Promise.all([writer.end(), reader.end()]);
    },
  };
}
