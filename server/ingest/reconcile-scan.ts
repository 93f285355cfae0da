/** The walk through all results after events were lost: it finds the ends of tasks that Trellis never saw begin. */
import type { TimerClock } from '#server/runtime/clock.ts';
import type { TaskChange } from './merge.ts';
import type { Gap } from './reconcile-plan.ts';
import { endedIn } from './reconcile-results.ts';
import type { ResultReader, ScanPlace } from './result-reader.ts';

/** At most so many keys a second: about a hundredth of what one Redis does. */
export const SCAN_KEYS_PER_SECOND = 2_000;
const STEP_MS = 250;
/** After a failure; the walk then goes on where it was. */
const AGAIN_MS = 5_000;
/** By so much (ms) a worker's clock may be wrong, where the time of an end is compared with a gap. */
const MARGIN_MS = 10_000;

export type ScanOptions = {
  results: Pick<ResultReader, 'scan'>;
  clock: TimerClock;
  /** Keeps what was found; what it throws makes the walk try the same page again later. */
  keep(changes: readonly TaskChange[]): void;
  /** What is still to be walked through, whenever that changes; null = nothing. Must not throw. */
  onLeft(gap: Gap | null): void;
  onProblem(problem: string | null): void;
};

export type Scan = {
  /** Begins a walk for results of this time; while one is under way, after it. */
  begin(gap: Gap): void;
  /** A walk is under way. */
  readonly isWalking: boolean;
  stop(): void;
};

/** Does nothing until `begin`. */
export function createScan({ results, clock, keep, onLeft, onProblem }: ScanOptions): Scan {
  let gap: Gap | null = null;
  let waiting: Gap | null = null;
  let place: ScanPlace | null = null;
  let cancel = () => {};
  let stopped = false;

  async function step(): Promise<void> {
    if (gap === null) return;
    const within = { from: gap.from - MARGIN_MS, to: gap.to + MARGIN_MS };
    try {
      const page = await results.scan(place);
      if (stopped) return;
      keep([...page.found].flatMap(([id, value]) => endedIn(id, value, within) ?? []));
      onProblem(null);
      place = page.next;
      if (place === null) {
        [gap, waiting] = [waiting, null];
        onLeft(gap);
      }
      schedule(Math.max(STEP_MS, (page.keys * 1_000) / SCAN_KEYS_PER_SECOND));
    } catch (error) {
      onProblem(`Results of the gap are not read: ${(error as Error).message}`);
      schedule(AGAIN_MS);
    }
  }

  function schedule(delayMs: number): void {
    if (stopped || gap === null) return;
    cancel = clock.after(delayMs, () => void step());
  }

  return {
    begin(next) {
      if (gap === null) {
        gap = next;
        place = null;
        schedule(0);
      } else {
        waiting = both(next, waiting ?? next);
      }
      onLeft(both(gap, waiting ?? gap));
    },
    get isWalking() {
      return gap !== null;
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}

/** The time from the beginning of the earlier to the end of the later. */
function both(a: Gap, b: Gap): Gap {
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) };
}
