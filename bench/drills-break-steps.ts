/** Which steps of a drill are struck, and which one a strike met. Pure. */
import type { Run } from '#lib/model/drill.ts';

/** How a drill is ended from outside: Trellis killed (SIGKILL), the run called off, or Trellis stopped (SIGTERM). */
export const WAYS = ['kill', 'abort', 'stop'] as const;
export type Way = (typeof WAYS)[number];

/** The step in which a run was struck: the last that began; null = it came to its end otherwise. */
export function stepHit({ steps, verdict }: Pick<Run, 'steps' | 'verdict'>, way: Way): string | null {
  if (verdict !== (way === 'kill' ? 'unknown' : 'aborted')) return null;
  return steps.findLast(({ startedAt }) => startedAt !== null)?.id ?? null;
}

/** The steps that are struck: all, or the first, the middle and the last. */
export function stepsToStrike(steps: readonly string[], all: boolean): string[] {
  if (all) return [...steps];
  const some = [0, Math.floor(steps.length / 2), steps.length - 1].flatMap((at) => steps[at] ?? []);
  return [...new Set(some)];
}
