/** EventsNotSent: workers that keep their tasks to themselves. */
import { someOf } from '#lib/format/list.ts';
import type { Rule } from '#server/model/rule.ts';
import { intakeSubject, intakes, onlineWorkers } from './shared.ts';

export const eventsNotSent: Rule = {
  code: 'EventsNotSent',
  severity: 'warning',
  posture: true,
  means:
    'Workers that send heartbeats and no task events: they were started without `-E`, which is Celery’s default. What they do is missing in the history, but for ends that are found in the result store.',
  mend: 'Set `worker_send_task_events = True` (or start them with `-E`), and `task_send_sent_event = True` for the time that tasks wait. Or let Trellis switch events on with `celery.events.enable: true`.',
  find(model, now) {
    const mute = onlineWorkers(model, now).filter(({ sendsTaskEvents }) => sendsTaskEvents === false);
    const [intake] = intakes(model, now);
    if (mute.length === 0 || intake === undefined) return [];
    return [
      {
        subject: intakeSubject(intake),
        text: `${someOf(mute.map(({ id }) => id))} ${mute.length === 1 ? 'sends' : 'send'} no task events: the history has holes.`,
        evidence: mute.map(({ by, id }) => ({ by, says: `${id}: works, and sends no task events` })),
        advice: {
          text: 'Set worker_send_task_events = True. Until its next restart this switches them on (with the -A or -b of your workers).',
          command: 'celery control enable_events',
        },
      },
    ];
  },
};
