/**
 * Throughput by the second in which Trellis learned it: from what each commit changed, so that a repetition counts nothing
 * twice. Canaries are left out. Pure.
 */
import type { ThroughputSecond } from '#lib/contract/tasks.ts';
import { isEnded, type Task } from '#lib/model/task.ts';
import type { TaskTimes, Written } from '#server/history/tasks/store.ts';
import { createDurations, type Durations } from './durations.ts';

export type Throughput = {
  /** Counts what a commit at `now` (epoch ms) changed. */
  add(changed: Written['changed'], now: number): void;
  /** The seconds that have ended and were not taken before, oldest first; those in which nothing happened too. */
  take(now: number): ThroughputSecond[];
};

const SECOND_MS = 1_000;
const NAMES_KEPT = 50;
/** After a sleep of the machine nobody wants thousands of empty seconds. */
const CATCH_UP_SECONDS = 60;

type Counts = { sent: number; received: number; started: number };
type Ends = { succeeded: number; failed: number; retried: number; revoked: number };
type Bucket = Counts &
  Ends & {
    runtime: Durations;
    wait: Durations;
    names: Map<string, number>;
    queues: Map<string, number>;
    workers: Map<string, number>;
  };

/** Counts from `now` (epoch ms) on. */
export function createThroughput(now: number): Throughput {
  let buckets = new Map<number, Bucket>();
  let next = secondOf(now);
  return {
    add(changed, at) {
      // A clock that was set back must not write into seconds that were told.
      const second = Math.max(next, secondOf(at));
      const bucket = buckets.get(second) ?? emptyBucket();
      buckets.set(second, bucket);
      for (const { before, after } of changed) if (!after.canary) count(bucket, before, after);
    },
    take(at) {
      const end = secondOf(at);
      // Set back by more than a moment: it goes on from there.
      if (end < next - CATCH_UP_SECONDS * SECOND_MS) next = end;
      const told: ThroughputSecond[] = [];
      const from = Math.max(next, end - CATCH_UP_SECONDS * SECOND_MS);
      for (let second = from; second < end; second += SECOND_MS) told.push(secondIn(second, buckets.get(second)));
      if (end > next) next = end;
      buckets = new Map([...buckets].filter(([second]) => second >= next));
      return told;
    },
  };
}

function secondOf(at: number): number {
  return Math.floor(at / SECOND_MS) * SECOND_MS;
}

function emptyBucket(): Bucket {
  return {
    ...{ sent: 0, received: 0, started: 0, succeeded: 0, failed: 0, retried: 0, revoked: 0 },
    ...{ runtime: createDurations(), wait: createDurations() },
    ...{ names: new Map(), queues: new Map(), workers: new Map() },
  };
}

const ENDS = { SUCCESS: 'succeeded', FAILURE: 'failed', REVOKED: 'revoked', REJECTED: 'failed' } as const;

function count(bucket: Bucket, before: TaskTimes | null, after: Task): void {
  if (before?.sentAt == null && after.sentAt !== null) bucket.sent += 1;
  if (before?.receivedAt == null && after.receivedAt !== null) bucket.received += 1;
  if (before?.startedAt == null && after.startedAt !== null) {
    bucket.started += 1;
    if (after.waitMs !== null) bucket.wait.add(after.waitMs);
  }
  bucket.retried += Math.max(0, after.retries - (before?.retries ?? 0));
  if (!isEnded(after.state) || (before !== null && isEnded(before.state))) return;
  bucket[ENDS[after.state as keyof typeof ENDS]] += 1;
  if (after.runtimeMs !== null) bucket.runtime.add(after.runtimeMs);
  for (const [counts, key] of [
    [bucket.names, after.name],
    [bucket.queues, after.queue],
    [bucket.workers, after.worker],
  ] as const) {
    if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
}

function secondIn(at: number, bucket: Bucket = emptyBucket()): ThroughputSecond {
  const { runtime, wait, names, queues, workers, ...counts } = bucket;
  return {
    at,
    ...counts,
    runtimeP50: runtime.quantile(0.5),
    runtimeP95: runtime.quantile(0.95),
    waitP50: wait.quantile(0.5),
    waitP95: wait.quantile(0.95),
    names: largest(names),
    queues: largest(queues),
    workers: largest(workers),
  };
}

function largest(counts: ReadonlyMap<string, number>): Record<string, number> {
  const sorted = counts.size <= NAMES_KEPT ? [...counts] : [...counts].sort((a, b) => b[1] - a[1]).slice(0, NAMES_KEPT);
  return Object.fromEntries(sorted);
}
