/** VisibilityTimeoutShort: on a Redis broker, tasks that take longer than it are run again while they run. */
import { formatAge } from '#lib/format/quantity.ts';
import type { WorkerConfig } from '#lib/model/worker-config.ts';
import type { Rule } from '#server/model/rule.ts';
import { configured, foundOf } from './configured.ts';

/** kombu's own. */
const USUAL_MS = 3_600_000;

export const visibilityTimeoutShort: Rule = {
  code: 'VisibilityTimeoutShort',
  severity: 'warning',
  posture: true,
  means:
    'The broker is Redis, which keeps no acknowledgements: a message that was not acknowledged within the visibility timeout is handed out again. A task with late acknowledgement that runs longer, and one whose eta is further away, then run twice, and again and again.',
  mend: 'Set `broker_transport_options = {"visibility_timeout": …}` above the longest run, eta and countdown of any task, the same for every worker and publisher; and bound runs with `task_time_limit`.',
  find(model, now) {
    const short = configured(model, now).filter(isShort);
    return foundOf(
      short,
      { model, now },
      {
        text: (names, isOne) =>
          `${names} ${isOne ? 'gives' : 'give'} tasks out again that are not done in time: they run twice.`,
        says: ({ visibilityTimeoutMs: visible, taskTimeLimitMs: limit }) =>
          `visibility timeout ${formatAge(visible ?? 0)}, ${limit === null ? 'no time limit of tasks' : `tasks may run ${formatAge(limit)}`}`,
        advice: { text: 'Raise visibility_timeout above the longest task, eta and countdown.', command: null },
      },
    );
  },
};

function isShort({ visibilityTimeoutMs: visible, taskTimeLimitMs: limit }: WorkerConfig): boolean {
  return visible !== null && visible < (limit ?? USUAL_MS);
}
