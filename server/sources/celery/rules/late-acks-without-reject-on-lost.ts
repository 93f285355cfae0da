/** LateAcksWithoutRejectOnLost: late acknowledgement that does not save tasks of a killed pool process. */
import type { Rule } from '#server/model/rule.ts';
import { configured, foundOf } from './configured.ts';

export const lateAcksWithoutRejectOnLost: Rule = {
  code: 'LateAcksWithoutRejectOnLost',
  severity: 'info',
  posture: true,
  means:
    'Workers acknowledge tasks after they ran, but not those whose pool process died: when the kernel kills it for its memory, Celery acknowledges the task, marks it failed (`WorkerLostError`) and nobody runs it again. Only the death of the whole worker gives it back.',
  mend: 'Set `task_reject_on_worker_lost = True`, and bound how often a message may come back (a quorum queue’s `delivery-limit`): a task that kills its process would go round for ever.',
  find(model, now) {
    const half = configured(model, now).filter((one) => one.acksLate === true && one.rejectOnWorkerLost === false);
    return foundOf(
      half,
      { model, now },
      {
        text: (names, isOne) =>
          `${names} ${isOne ? 'acknowledges' : 'acknowledge'} late, but ${isOne ? 'gives' : 'give'} up the task of a pool process that dies.`,
        says: () => 'task_acks_late is on, task_reject_on_worker_lost is off',
        advice: { text: 'Set task_reject_on_worker_lost = True, and a delivery-limit on the queue.', command: null },
      },
    );
  },
};
