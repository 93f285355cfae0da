/** Marks that are no worker's: kept beside those, in the same transactions as the tasks. Pure. */
import type { WorkerMark } from '#server/history/tasks/store.ts';
import type { Gap } from './reconcile-plan.ts';

// No node of Celery's is named so: those have an `@`.
const STREAM = 'stream:';
const GAP = 'gap:';

/** True for the mark of a worker's process. */
export function isWorkerMark({ worker }: WorkerMark): boolean {
  return !worker.startsWith(STREAM) && worker !== GAP;
}

/** The place in a stream: the offset of the newest message that is stored. */
export function streamMark(queue: string, offset: number, now: number): WorkerMark {
  return { worker: `${STREAM}${queue}`, pid: 0, processed: offset, seen: 0, at: now };
}

/** The offset in the stream that is kept; null = none is. */
export function streamOffsetOf(marks: readonly WorkerMark[], queue: string): number | null {
  return marks.find(({ worker }) => worker === `${STREAM}${queue}`)?.processed ?? null;
}

/** The time of which the results are still to be looked through; null = of none. */
export function gapMark(gap: Gap | null, now: number): WorkerMark {
  const { from, to } = gap ?? NO_GAP;
  return { worker: GAP, pid: 0, processed: Math.floor(from), seen: Math.ceil(to), at: now };
}

/** The gap that is kept; null = none is. */
export function gapOf(marks: readonly WorkerMark[]): Gap | null {
  const mark = marks.find(({ worker }) => worker === GAP);
  return mark === undefined || mark.seen === NO_GAP.to ? null : { from: mark.processed, to: mark.seen };
}

const NO_GAP: Gap = { from: 0, to: 0 };
