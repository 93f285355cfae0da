/** PrefetchHigh: workers take far more messages than they can work on. */
import type { WorkerConfig } from '#lib/model/worker-config.ts';
import type { Rule } from '#server/model/rule.ts';
import { configured, foundOf } from './configured.ts';

/** Celery's default. */
const USUAL = 4;

export const prefetchHigh: Rule = {
  code: 'PrefetchHigh',
  severity: 'info',
  posture: true,
  means:
    'Workers take more than four messages ahead for each of their processes, or without bound (`0`). What one has taken waits behind its own long tasks while others have nothing to do, and comes back all at once when it dies: to other workers, and again to the last one that is left.',
  mend: 'Set `worker_prefetch_multiplier = 1` for long tasks, up to 4 for short ones.',
  find(model, now) {
    const high = configured(model, now).filter(isHigh);
    return foundOf(
      high,
      { model, now },
      {
        text: (names, isOne) =>
          `${names} ${isOne ? 'takes' : 'take'} many messages ahead: they wait there while others idle.`,
        says: ({ prefetchMultiplier: times, prefetchCount: held }) =>
          `worker_prefetch_multiplier is ${times === 0 ? '0: no bound' : times}${held === null ? '' : `, it may hold ${held}`}`,
        advice: {
          text: 'Set worker_prefetch_multiplier to 1 for long tasks, at most 4 for short ones.',
          command: null,
        },
      },
    );
  },
};

function isHigh({ prefetchMultiplier: times }: WorkerConfig): boolean {
  return times !== null && (times === 0 || times > USUAL);
}
