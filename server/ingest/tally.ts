/** Counts of the intake since this process started, and its rate over the last seconds. Pure. */
import type { EventRejection } from '#lib/model/celery.ts';
import type { Carried, IngestState } from './report.ts';

export type Parsed = {
  /** Events that were understood. */
  events: number;
  rejected: readonly EventRejection[];
  skewed: number;
  redelivered: boolean;
};

export type Tally = {
  add(parsed: Parsed, now: number): void;
  counts(now: number): Pick<IngestState, 'received' | 'rejected' | 'redelivered' | 'skewed' | 'eventsPerSecond'>;
};

const RATE_SECONDS = 5;
const SECOND_MS = 1_000;

/** Goes on from what an earlier thread of this process counted. */
export function createTally(carried: Carried | null): Tally {
  let received = carried?.received ?? 0;
  let redelivered = carried?.redelivered ?? 0;
  let skewed = carried?.skewed ?? 0;
  const rejected: Partial<Record<EventRejection, number>> = { ...carried?.rejected };
  /** Events by second. */
  let seconds = new Map<number, number>();
  return {
    add(parsed, now) {
      const all = parsed.events + parsed.rejected.length;
      received += all;
      if (parsed.redelivered) redelivered += all;
      skewed += parsed.skewed;
      for (const reason of parsed.rejected) rejected[reason] = (rejected[reason] ?? 0) + 1;
      const second = Math.floor(now / SECOND_MS);
      seconds.set(second, (seconds.get(second) ?? 0) + all);
    },
    counts(now) {
      // Only whole seconds: the one that runs would make the rate jump.
      const end = Math.floor(now / SECOND_MS);
      seconds = new Map([...seconds].filter(([second]) => second >= end - RATE_SECONDS));
      const sum = [...seconds].reduce((total, [second, events]) => total + (second < end ? events : 0), 0);
      return { received, redelivered, skewed, rejected: { ...rejected }, eventsPerSecond: sum / RATE_SECONDS };
    },
  };
}
