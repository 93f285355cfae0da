/**
 * What Trellis missed of the workers' tasks, as it is told. Heartbeats are heard as they come, starts count once they are
 * stored, a moment later: where a worker's heartbeats come closer than that (a backlog), what it says cannot be held against
 * what is stored. Pure.
 */
import { BATCH_LIMITS } from './batches.ts';
import type { WorkerReport } from './workers.ts';

export type Missed = {
  /** A heartbeat of this worker came (epoch ms). */
  heard(worker: string, now: number): void;
  /** The reports, with what was judged last of those that cannot be judged now. */
  told(reports: readonly WorkerReport[], now: number): WorkerReport[];
  /** Whether all of them could be judged when it was told last. */
  readonly isWhole: boolean;
};

/** So long after it came everything is stored. */
const STORED_AFTER_MS = BATCH_LIMITS.windowMs + BATCH_LIMITS.periodMs;

/** Nothing was missed so far. */
export function createMissed(): Missed {
  /** By worker: its newest heartbeat, if it is younger than that, and the newest that came too soon after another. */
  const beats = new Map<string, number>();
  const hasty = new Map<string, number>();
  let judged = new Map<string, WorkerReport>();

  function forgetOld(now: number): void {
    for (const times of [beats, hasty]) {
      for (const [worker, at] of times) if (now - at > STORED_AFTER_MS) times.delete(worker);
    }
  }

  return {
    heard(worker, now) {
      const before = beats.get(worker);
      if (before !== undefined && now - before <= STORED_AFTER_MS) hasty.set(worker, now);
      else hasty.delete(worker);
      beats.set(worker, now);
    },
    told(reports, now) {
      forgetOld(now);
      const before = judged;
      judged = new Map();
      return reports.map((one) => {
        const told = hasty.has(one.id) ? unjudged(one, before.get(one.id)) : one;
        judged.set(one.id, told);
        return told;
      });
    },
    get isWhole() {
      return hasty.size === 0;
    },
  };
}

function unjudged(one: WorkerReport, before: WorkerReport | undefined): WorkerReport {
  const isNewlyMute = one.sendsTaskEvents === false && before?.sendsTaskEvents !== false;
  return {
    ...one,
    missedTasks: before?.missedTasks ?? 0,
    sendsTaskEvents: isNewlyMute ? null : one.sendsTaskEvents,
  };
}
