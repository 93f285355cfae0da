/**
 * From messages to commits: what comes waits for a moment, is written by task, and only then acknowledged. While writing
 * fails everything stays in memory and unacknowledged, until it is full; the broker keeps the rest.
 */
import type { TimerClock } from '#server/runtime/clock.ts';
import { createBackOff } from './back-off.ts';
import { type Batch, type Change, createPending, type Held } from './pending.ts';

/** What waits of a message: its size as it travelled, and when it came (epoch ms). */
export type Gathered = Held & { cameAt: number };

export type BatchesOptions<M extends Gathered, C extends Change> = {
  /** Stores the changes, durably, before it returns. @throws when none of them is stored */
  write(batch: Batch<M, C>): void;
  /** Everything in this message and in all before it is stored. */
  acknowledge(last: M): void;
  /** Called with the reason when writing begins to fail, and with null when it works again. */
  onState(failure: Error | null): void;
  clock: TimerClock;
  /** 0 to 1. */
  random(): number;
};

export type Batches<M extends Gathered, C extends Change> = {
  add(message: M, changes: readonly C[]): void;
  /** Writes what is there now. False = it could not be written; it is still there. */
  flush(): boolean;
  /** The link is gone: what cannot be written now will come again, so it is let go. */
  lost(): void;
  /** Messages that are not acknowledged, and changes that are not stored. */
  readonly pending: { messages: number; changes: number };
  readonly failing: boolean;
  /** No more may be added until something is written: where that fails, the caller lets go of what comes. */
  readonly full: boolean;
  stop(): void;
};

/**
 * A task costs most when it is written again. So while many messages come (`busyMessages` in `waitMs`), each task waits for
 * `windowMs` after its first event, and what came of it meanwhile is written with it; every `periodMs` those are written
 * that have waited. At a bound the oldest go earlier, `slice` of the messages, so that the broker need never stop.
 */
export const BATCH_LIMITS = {
  ...{ messages: 20_000, bytes: 16_000_000, slice: 1_500 },
  ...{ waitMs: 25, busyMessages: 150, periodMs: 100, windowMs: 1_200 },
} as const;

/** Gathers nothing until the first `add`. */
export function createBatches<M extends Gathered, C extends Change>(options: BatchesOptions<M, C>): Batches<M, C> {
  const { clock } = options;
  const backOff = createBackOff(options.random);
  const pending = createPending<M, C>();
  /** Messages since it was last looked how many come. */
  let came = 0;
  let failing = false;
  let cancelTimer: (() => void) | null = null;

  /** Looks after this time whether many come, unless it will do so anyway. */
  function gather(delayMs: number): void {
    cancelTimer ??= clock.after(delayMs, () => {
      cancelTimer = null;
      const isBusy = came * BATCH_LIMITS.waitMs >= BATCH_LIMITS.busyMessages * delayMs;
      came = 0;
      if (!isBusy) flush();
      else if (write(due())) gather(BATCH_LIMITS.periodMs);
    });
  }

  /** While writing fails. */
  function wait(delayMs: number): void {
    cancelTimer ??= clock.after(delayMs, () => {
      cancelTimer = null;
      flush();
    });
  }

  function rest(): void {
    cancelTimer?.();
    cancelTimer = null;
    came = 0;
  }

  function clear(): void {
    rest();
    pending.clear();
  }

  /** How many messages have waited long enough. */
  function due(): number {
    const until = clock.now() - BATCH_LIMITS.windowMs;
    const first = pending.messages.findIndex(({ cameAt }) => cameAt > until);
    return first < 0 ? pending.messages.length : first;
  }

  function isFull(): boolean {
    return pending.messages.length >= BATCH_LIMITS.messages || pending.bytes >= BATCH_LIMITS.bytes;
  }

  function flush(): boolean {
    return write(pending.messages.length);
  }

  /** The tasks of the first `count` messages. */
  function write(count: number): boolean {
    if (count === 0) return !failing;
    const batch = pending.batch(count);
    try {
      options.write(batch);
    } catch (error) {
      failing = true;
      options.onState(error instanceof Error ? error : new Error(String(error)));
      rest();
      wait(backOff.next());
      return false;
    }
    pending.remove(batch);
    if (pending.messages.length === 0) rest();
    const last = batch.messages.at(-1);
    if (last !== undefined) options.acknowledge(last);
    backOff.reset();
    if (failing) {
      failing = false;
      options.onState(null);
    }
    return true;
  }

  return {
    add(message, changes) {
      pending.add(message, changes);
      came += 1;
      // While it fails only the timer tries again: each message would cost another attempt.
      if (failing) {
        if (cancelTimer === null) wait(backOff.next());
        return;
      }
      gather(BATCH_LIMITS.waitMs);
      while (isFull() && write(BATCH_LIMITS.slice)) {
        // Few large messages may take more than one.
      }
    },
    flush,
    lost() {
      if (!flush()) clear();
      // An empty batch proves nothing: the next write tells whether the store works again.
    },
    get pending() {
      return { messages: pending.messages.length, changes: pending.changes };
    },
    get failing() {
      return failing;
    },
    get full() {
      return isFull();
    },
    stop: clear,
  };
}
