/** WorkerEventsOff: workers that will tell nothing of their tasks. */
import type { Rule } from '#server/model/rule.ts';
import { configured, foundOf } from './configured.ts';
import { onlineWorkers } from './shared.ts';

export const workerEventsOff: Rule = {
  code: 'WorkerEventsOff',
  severity: 'info',
  posture: true,
  means:
    'The setting `worker_send_task_events` of these workers is off, and they have not worked on anything yet that would show whether they were started with `-E`. Without either, what they do is missing in the history.',
  mend: 'Set `worker_send_task_events = True`, or start them with `-E`; and `task_send_sent_event = True` for the time that tasks wait. Or let Trellis switch events on with `celery.events.enable: true`.',
  find(model, now) {
    // Those that worked in silence are EventsNotSent's.
    const untold = new Set(onlineWorkers(model, now).flatMap((one) => (one.sendsTaskEvents === null ? [one.id] : [])));
    const off = configured(model, now).filter(({ id, taskEvents }) => taskEvents === false && untold.has(id));
    return foundOf(
      off,
      { model, now },
      {
        text: (names, isOne) =>
          `${names} ${isOne ? 'is' : 'are'} not set to send task events: the history will have holes.`,
        says: () => 'worker_send_task_events is off',
        advice: { text: 'Set worker_send_task_events = True, or start workers with -E.', command: null },
      },
    );
  },
};
