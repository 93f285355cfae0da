/** Runs many tasks again, one after the other; those that cannot be, or would run twice, are left out and counted by reason. */
import type { ControlOutcome } from '#lib/contract/control.ts';
import type { Task } from '#lib/model/task.ts';
import type { Hands } from './hands.ts';
import type { OperationHandle } from './operations.ts';
import { decideAll, publishAgain } from './retry-task.ts';

const BATCH = 100;
/** So many failures in a row are no accident: the rest is not tried. */
const FAILURES_MAX = 20;

/** `twice` = also those that would, or might, run twice. Never throws for a single task. */
export async function bulkRetry(
  hands: Hands,
  tasks: readonly Task[],
  twice: boolean,
  { signal, progress, published }: OperationHandle,
): Promise<ControlOutcome> {
  const { clock } = hands;
  const began = clock.now();
  const count = { done: 0, skipped: 0, failed: 0, total: tasks.length };
  const reasons = new Map<string, number>();
  let inARow = 0;
  const leave = (kind: 'skipped' | 'failed', why: string) => {
    count[kind] += 1;
    reasons.set(why, (reasons.get(why) ?? 0) + 1);
  };
  const isOver = () => signal.aborted || inARow >= FAILURES_MAX;
  for (let from = 0; from < tasks.length && !isOver(); from += BATCH) {
    const decisions = await decideAll(hands, tasks.slice(from, from + BATCH), null);
    for (const [id, { plan, call }] of decisions) {
      if (isOver()) break;
      if (call === null) leave('skipped', plan.refused ?? 'It cannot be run again.');
      else if (plan.twice !== null && !twice) leave('skipped', 'It would, or might, run twice.');
      else {
        try {
          published(await publishAgain(hands, id, call));
          count.done += 1;
          inARow = 0;
        } catch (error) {
          leave('failed', (error as Error).message);
          inARow += 1;
        }
      }
      progress({ ...count });
    }
  }
  const evidence = [
    `${count.done} of ${tasks.length} tasks were published again and confirmed by the broker.`,
    ...(signal.aborted ? ['Called off before the rest.'] : []),
    ...(inARow >= FAILURES_MAX ? [`Given up after ${FAILURES_MAX} failures in a row.`] : []),
    ...[...reasons]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 5)
      .map(([why, times]) => `${times} left out: ${why}`),
  ].join(' ');
  const isWhole = count.failed === 0 && count.done > 0 && !signal.aborted;
  return { stage: isWhole ? 'acknowledged' : 'not-verified', replies: {}, evidence, tookMs: clock.now() - began };
}
