/** Measures the store of tasks by itself: writing, every question that the pages ask, and clean-up. No lab, no Trellis. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { sqliteTasks } from '#server/history/tasks/sqlite/store.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import { type Question, questionsOf } from './history-questions.ts';

/** What the writing thread is told to do. */
export type Order =
  | { do: 'fill'; tasks: number }
  | { do: 'merge' }
  | { do: 'clean'; maxRows: number }
  | { do: 'upkeep'; limitMs: number }
  | { do: 'close' };
/** CPU is of the writing thread alone. */
export type Filled = {
  events: number;
  tasks: number;
  cpuUs: number;
  wallMs: number;
  longestMs: number;
  bytes: number;
};
export type Cleaned = { deleted: number; longestMs: number };

/** All that was measured; durations in ms, the memory of the whole process in MB. */
export type Measured = {
  filled: Filled;
  /** Decoding, merging and encoding alone, CPU microseconds an event. */
  mergeUs: number;
  questions: readonly { name: string; tookMs: readonly number[] }[];
  residentMb: number;
  cleaned: Cleaned;
  readsWhileCleaning: readonly number[];
  mainStallMs: number;
};

const RUNS = 30;
const CLEANED_SHARE = 0.05;
const UPKEEP_MS = 2_000;

/** Fills a store with so many tasks in a folder of its own, asks, cleans, and removes it. */
export async function measureHistory(tasks: number, say: (line: string) => void): Promise<Measured> {
  const dir = mkdtempSync(join(tmpdir(), 'trellis-bench-'));
  const path = join(dir, 'tasks.db');
  const writer = startWriter(path, say);
  const reader = sqliteTasks(path);
  try {
    say(`storing ${tasks} tasks in ${path}`);
    const filled = (await writer.obey({ do: 'fill', tasks })) as Filled;
    await writer.obey({ do: 'upkeep', limitMs: UPKEEP_MS });
    const questions = [];
    for (const question of await questionsOf(reader)) questions.push(await ask(question, say));
    const residentMb = process.memoryUsage.rss() / 1e6;
    say('cleaning up while reading');
    const cleaning = await cleanWhileReading(writer, reader, filled.tasks);
    const mergeUs = (await writer.obey({ do: 'merge' })) as number;
    return { filled, mergeUs, questions, residentMb, ...cleaning };
  } finally {
    await writer.end();
    await reader.close();
    rmSync(dir, { recursive: true });
  }
}

async function ask(
  { name, ask: run }: Question,
  say: (line: string) => void,
): Promise<{ name: string; tookMs: number[] }> {
  const tookMs: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const startedAt = performance.now();
    await run(i);
    tookMs.push(performance.now() - startedAt);
  }
  say(`${name}: ${Math.max(...tookMs).toFixed(1)} ms at most`);
  return { name, tookMs };
}

async function cleanWhileReading(
  writer: Writer,
  reader: TaskReader,
  tasks: number,
): Promise<Pick<Measured, 'cleaned' | 'readsWhileCleaning' | 'mainStallMs'>> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let isDone = false;
  const cleaning = writer.obey({ do: 'clean', maxRows: Math.floor(tasks * (1 - CLEANED_SHARE)) }).finally(() => {
    isDone = true;
  });
  const readsWhileCleaning: number[] = [];
  while (!isDone) {
    const startedAt = performance.now();
    await reader.tasks({ limit: 100, sort: 'newest' }, Date.now());
    readsWhileCleaning.push(performance.now() - startedAt);
    await sleep(10);
  }
  delay.disable();
  return { cleaned: (await cleaning) as Cleaned, readsWhileCleaning, mainStallMs: delay.max / 1e6 };
}

type Writer = { obey(order: Order): Promise<unknown>; end(): Promise<void> };

function startWriter(path: string, say: (line: string) => void): Writer {
  const worker = new Worker(new URL('./history.worker.ts', import.meta.url), {
    workerData: { path },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // As the ingest thread: garbage must not look like memory that is needed.
    resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 },
  });
  const obey = (order: Order) =>
    new Promise<unknown>((resolve, reject) => {
      const listen = (message: { said?: string; done?: unknown; failed?: string }) => {
        if (message.said !== undefined) {
          say(message.said);
          return;
        }
        worker.off('message', listen);
        if (message.failed === undefined) resolve(message.done);
        else reject(new Error(message.failed));
      };
      worker.on('message', listen);
      worker.once('error', reject);
      worker.postMessage(order);
    });
  return {
    obey,
    async end() {
      await obey({ do: 'close' }).catch(() => {});
      await worker.terminate();
    },
  };
}
