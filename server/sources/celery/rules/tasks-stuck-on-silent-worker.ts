/** TasksStuckOnSilentWorker: a worker fell silent with tasks in its hands. */
import { formatCount } from '#lib/format/quantity.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import type { Rule } from '#server/model/rule.ts';
import { heardWorkers } from './shared.ts';

export const tasksStuckOnSilentWorker: Rule = {
  code: 'TasksStuckOnSilentWorker',
  severity: 'warning',
  posture: false,
  holdMs: 1_000,
  means:
    'A worker fell silent while it worked on tasks. Those that it acknowledged on receipt are lost if it is dead; those with late acknowledgement go to other workers as soon as the broker gives up its connection. Trellis asks the other workers and the result store, and calls `ORPHANED` what nobody knows the end of.',
  mend: 'See what became of each on the Tasks page. Run again by hand what is orphaned and may run twice. `task_acks_late` with `task_reject_on_worker_lost` saves tasks from this.',
  find(model, now) {
    return heardWorkers(model, now).flatMap(({ id, host, by, state, active }) => {
      if (state !== 'silent' || active === null || active === 0) return [];
      return [
        {
          subject: { kind: 'celeryWorkers', id } as const,
          text: `${id} had ${formatCount(active, 'task')} at work when it fell silent.`,
          evidence: [{ by, says: `${active} active in its last heartbeat` }],
          advice: {
            text: `On the Tasks page, filter by the worker ${id}: each task there says what is known of it.`,
            command: null,
          },
          because: [{ kind: 'celeryWorkers', id } as const, { kind: 'workers', id } as const, ...hostSubjects(host)],
        },
      ];
    });
  },
};
