/** Retention and the store's small upkeep, in the moments in which nothing waits to be stored. */
import type { TaskRetention, TaskWriter } from '#server/history/tasks/store.ts';
import type { TimerClock } from '#server/runtime/clock.ts';

export type UpkeepOptions = {
  writer: Pick<TaskWriter, 'retain' | 'upkeep'>;
  limits: TaskRetention;
  /** Nothing waits to be stored. */
  idle(): boolean;
  clock: TimerClock;
  /** For the log; each failure once. */
  onProblem(message: string): void;
};

/** Between two looks at what is too old. */
const LOOK_MS = 5_000;
/** Between two slices while there is more to delete. */
const SLICE_PAUSE_MS = 50;
/** So long it waits at most for an idle moment: under a load that never rests the oldest must go all the same. */
const PATIENCE_MS = 30_000;
const UPKEEP_LIMIT_MS = 20;

/** Starts after the first look's time; returns what ends it. */
export function startUpkeep({ writer, limits, idle, clock, onProblem }: UpkeepOptions): () => void {
  let cancel = () => {};
  let doneAt = clock.now();
  let told: string | null = null;

  function look(): void {
    const isPatient = clock.now() - doneAt < PATIENCE_MS;
    if (!idle() && isPatient) {
      later(SLICE_PAUSE_MS);
      return;
    }
    let more = false;
    try {
      more = writer.retain(limits, clock.now()).more;
      if (!more && idle()) writer.upkeep(UPKEEP_LIMIT_MS);
      told = null;
    } catch (error) {
      // The next write will say so to the operator; here it is only noted.
      const message = error instanceof Error ? error.message : String(error);
      if (told !== message) onProblem(`clean-up of tasks: ${message}`);
      told = message;
    }
    if (!more) doneAt = clock.now();
    later(more ? SLICE_PAUSE_MS : LOOK_MS);
  }

  function later(delayMs: number): void {
    cancel = clock.after(delayMs, look);
  }

  later(LOOK_MS);
  return () => cancel();
}
