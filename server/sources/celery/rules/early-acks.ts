/** EarlyAcks: workers acknowledge tasks before they ran. */
import type { Rule } from '#server/model/rule.ts';
import { configured, foundOf } from './configured.ts';

export const earlyAcks: Rule = {
  code: 'EarlyAcks',
  severity: 'info',
  posture: true,
  means:
    'Workers acknowledge a task as they begin it, which is Celery’s default: the tasks that a worker has in its hands when it is killed are lost, and nobody runs them again. Tasks that wait in its memory are not acknowledged yet and come back.',
  mend: 'Set `task_acks_late = True` together with `task_reject_on_worker_lost = True` for tasks that may run twice without harm, in the application or on single tasks. Leave it for tasks that must never run twice.',
  find(model, now) {
    const early = configured(model, now).filter(({ acksLate }) => acksLate === false);
    return foundOf(
      early,
      { model, now },
      {
        text: (names, isOne) =>
          `${names} ${isOne ? 'acknowledges' : 'acknowledge'} tasks before they run: a killed worker loses what it has at work.`,
        says: () => 'task_acks_late is off',
        advice: {
          text: 'Set task_acks_late and task_reject_on_worker_lost for tasks that may run twice.',
          command: null,
        },
      },
    );
  },
};
