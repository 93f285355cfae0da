/**
 * Workers date what they do by their own clocks. A canary is seen by Trellis's clock before and after it ran, and that
 * bounds how far a worker's clock is off: the quicker a canary, the closer the bound. Pure; times are epoch ms.
 */

export type WorkerClocks = {
  /** Something that the worker dated `at` happened between these two times of Trellis's clock. */
  bound(worker: string | null, at: number, notBefore: number, notAfter: number): void;
  /** A worker's time by Trellis's clock; the truth lies within ± `errorMs`. */
  correct(worker: string | null, at: number): { at: number; errorMs: number };
};

type Offset = { low: number; high: number };

/** Knows no worker yet. A worker without a name counts as one. */
export function createWorkerClocks(): WorkerClocks {
  const offsets = new Map<string, Offset>();
  return {
    bound(worker, at, notBefore, notAfter) {
      const known = offsets.get(worker ?? '') ?? { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
      offsets.set(worker ?? '', {
        low: Math.max(known.low, notBefore - at),
        high: Math.min(known.high, notAfter - at),
      });
    },
    correct(worker, at) {
      const offset = offsets.get(worker ?? '');
      if (offset === undefined) return { at, errorMs: 0 };
      // A clock that was set while we looked leaves bounds that exclude each other: then it is off by as much.
      return { at: at + (offset.low + offset.high) / 2, errorMs: Math.abs(offset.high - offset.low) / 2 };
    },
  };
}
