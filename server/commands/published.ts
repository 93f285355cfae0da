/** What becomes of a task that Trellis has just published: seen when a worker tells of it, or its result is there. */
import type { ControlOutcome } from '#lib/contract/control.ts';
import { pause } from '#server/actions/talk.ts';
import type { Hands } from './hands.ts';
import type { OperationHandle } from './operations.ts';

const WATCH_MS = 30_000;
const LOOK_EVERY_MS = 500;

/** Watches the task `id`, which the broker has confirmed in this queue. Never throws. */
export async function watchPublished(
  { tasks, results, clock }: Pick<Hands, 'tasks' | 'results' | 'clock'>,
  { id, queue }: { id: string; queue: string },
  { signal, step, published }: OperationHandle,
): Promise<ControlOutcome> {
  const began = clock.now();
  const outcome = (stage: ControlOutcome['stage'], evidence: string): ControlOutcome => ({
    ...{ stage, evidence, replies: {}, tookMs: clock.now() - began },
  });
  published(id);
  step('acknowledged', `The broker has confirmed it in ${queue}, as task ${id}.`);
  for (;;) {
    const found = await tasks.task(id).then(
      (answer) => answer?.task ?? null,
      () => null,
    );
    if (found !== null && found.state !== 'PENDING')
      return outcome('verified', `Task ${id} is ${found.state}${found.worker === null ? '' : ` on ${found.worker}`}.`);
    const stored = await results?.read([id]);
    if (stored?.found.has(id) === true) return outcome('verified', `The result of task ${id} is there.`);
    if (signal.aborted) return outcome('not-verified', `No longer watched. Task ${id} is in ${queue}.`);
    if (clock.now() - began >= WATCH_MS)
      return outcome('not-verified', `No worker took task ${id} within ${WATCH_MS / 1_000} s: it waits in ${queue}.`);
    await pause(clock, LOOK_EVERY_MS, signal);
  }
}
