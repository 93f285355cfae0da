/** The thread that writes, as the ingest thread does. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { openTaskWriter } from '#server/history/tasks/sqlite/writer.ts';
import { mergeTask, type TaskChange, taskOf } from '#server/ingest/merge.ts';
import { decodeRecord, encodeRecord } from '#server/ingest/merge-record.ts';
import { generatedBatches } from './generated-tasks.ts';
import type { Cleaned, Filled, Order } from './history.ts';

const SEED = 20_261_122;
const MERGED_TASKS = 50_000;
const PAUSE_MS = 5;

const port = parentPort as MessagePort;
const writer = openTaskWriter((workerData as { path: string }).path);

/** CPU microseconds of this thread while it does something. */
function cpuOf(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}

function fill(tasks: number): Filled {
  const all: Filled = { events: 0, tasks: 0, cpuUs: 0, wallMs: 0, longestMs: 0, bytes: 0 };
  for (const batch of generatedBatches(tasks, SEED)) {
    const startedAt = performance.now();
    all.cpuUs += cpuOf(() => writer.write(batch, []));
    const tookMs = performance.now() - startedAt;
    all.wallMs += tookMs;
    all.longestMs = Math.max(all.longestMs, tookMs);
    all.events += batch.length;
    if (all.events % 1_000_000 < batch.length) port.postMessage({ said: `${all.events} events stored` });
  }
  const stats = writer.stats();
  return { ...all, tasks: stats.tasks, bytes: stats.bytes };
}

/** What merging and encoding alone cost, an event (µs). */
function mergeCost(): number {
  const known = new Map<string, string>();
  let events = 0;
  let us = 0;
  for (const batch of generatedBatches(MERGED_TASKS, SEED)) {
    us += cpuOf(() => mergeAll(batch, known));
    events += batch.length;
  }
  return us / events;
}

function mergeAll(batch: readonly TaskChange[], known: Map<string, string>): void {
  for (const [id, own] of Map.groupBy(batch, (change) => change.id)) {
    const text = known.get(id);
    const before = text === undefined ? null : decodeRecord(text);
    const record = mergeTask(before, own);
    if (before !== null) taskOf(before);
    taskOf(record);
    known.set(id, encodeRecord(record));
  }
}

async function clean(maxRows: number): Promise<Cleaned> {
  const cleaned: Cleaned = { deleted: 0, longestMs: 0 };
  for (let more = true; more; ) {
    const startedAt = performance.now();
    const slice = writer.retain({ maxAgeMs: 1e13, maxRows, maxBytes: 1e15 }, Date.now());
    cleaned.longestMs = Math.max(cleaned.longestMs, performance.now() - startedAt);
    cleaned.deleted += slice.deleted;
    more = slice.more;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return cleaned;
}

async function obey(order: Order): Promise<Filled | Cleaned | number | null> {
  if (order.do === 'fill') return fill(order.tasks);
  if (order.do === 'merge') return mergeCost();
  if (order.do === 'clean') return clean(order.maxRows);
  if (order.do === 'upkeep') writer.upkeep(order.limitMs);
  else writer.close();
  return null;
}

port.on('message', (order: Order) => {
  obey(order).then(
    (done) => port.postMessage({ done }),
    (error: Error) => port.postMessage({ failed: error.message }),
  );
});
