/**
 * From messages to commits: gathers for a moment, writes, and only then acknowledges. While writing fails everything
 * stays in memory and unacknowledged, so the broker keeps the rest; never more than the prefetch is held.
 */
import type { TimerClock } from '#server/runtime/clock.ts';
import { createBackOff } from './back-off.ts';

/** What is gathered: its size as it travelled, and how it is acknowledged together with all before it. */
export type Gathered = { bytes: number; acknowledge(): void };

export type BatchesOptions<T extends Gathered> = {
  /** Stores them all, durably, before it returns. @throws when none of them is stored */
  write(batch: readonly T[]): void;
  /** They are stored and acknowledged. */
  onWritten?(batch: readonly T[]): void;
  /** Called with the reason when writing begins to fail, and with null when it works again. */
  onState(failure: Error | null): void;
  clock: TimerClock;
  /** 0 to 1. */
  random(): number;
};

export type Batches<T extends Gathered> = {
  add(message: T): void;
  /** Writes what is there now. False = it could not be written; it is still there. */
  flush(): boolean;
  /** The link is gone: what cannot be written now will come again, so it is let go. */
  lost(): void;
  /** Messages that are not stored yet. */
  readonly pending: number;
  readonly failing: boolean;
  stop(): void;
};

/**
 * While so many come in `waitMs`, it gathers for `busyWaitMs`: the larger commit holds more of each task's events, and costs
 * a third less CPU for each of them.
 */
export const BATCH_LIMITS = {
  ...{ messages: 2_000, bytes: 4_000_000, waitMs: 25 },
  ...{ busyMessages: 150, busyWaitMs: 100 },
} as const;

/** Gathers nothing until the first `add`. */
export function createBatches<T extends Gathered>(options: BatchesOptions<T>): Batches<T> {
  const { clock } = options;
  const backOff = createBackOff(options.random);
  let batch: T[] = [];
  let bytes = 0;
  let failing = false;
  let cancelTimer: (() => void) | null = null;

  /** Until a batch is full: a moment, and a longer one while many come. */
  function gather(waitedMs: number): void {
    const before = batch.length;
    const { waitMs, busyMessages, busyWaitMs } = BATCH_LIMITS;
    cancelTimer ??= clock.after(waitMs, () => {
      cancelTimer = null;
      const isBusy = batch.length - before >= busyMessages && waitedMs + waitMs < busyWaitMs;
      if (isBusy) gather(waitedMs + waitMs);
      else flush();
    });
  }

  /** While writing fails. */
  function wait(delayMs: number): void {
    cancelTimer ??= clock.after(delayMs, () => {
      cancelTimer = null;
      flush();
    });
  }

  function clear(): void {
    cancelTimer?.();
    cancelTimer = null;
    batch = [];
    bytes = 0;
  }

  function flush(): boolean {
    if (batch.length === 0) return !failing;
    cancelTimer?.();
    cancelTimer = null;
    const written = batch;
    try {
      options.write(written);
    } catch (error) {
      failing = true;
      options.onState(error instanceof Error ? error : new Error(String(error)));
      wait(backOff.next());
      return false;
    }
    clear();
    written.at(-1)?.acknowledge();
    backOff.reset();
    if (failing) {
      failing = false;
      options.onState(null);
    }
    options.onWritten?.(written);
    return true;
  }

  return {
    add(message) {
      batch.push(message);
      bytes += message.bytes;
      // While it fails only the timer tries again: each message would cost another attempt.
      if (failing) {
        if (cancelTimer === null) wait(backOff.next());
        return;
      }
      if (batch.length >= BATCH_LIMITS.messages || bytes >= BATCH_LIMITS.bytes) flush();
      else gather(0);
    },
    flush,
    lost() {
      if (!flush()) clear();
      // An empty batch proves nothing: the next write tells whether the store works again.
    },
    get pending() {
      return batch.length;
    },
    get failing() {
      return failing;
    },
    stop: clear,
  };
}
