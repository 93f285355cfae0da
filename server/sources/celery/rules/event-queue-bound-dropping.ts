/** EventQueueBoundDropping: the queue of events is full, and drops the oldest. */
import { formatCount } from '#lib/format/quantity.ts';
import type { Rule } from '#server/model/rule.ts';
import { intakeSubject, intakes } from './shared.ts';

export const eventQueueBoundDropping: Rule = {
  code: 'EventQueueBoundDropping',
  severity: 'warning',
  posture: false,
  means:
    'The queue in which events wait for Trellis has reached its bound, and the broker dropped the oldest. The bound protects the broker: without it a Trellis that is away would fill its memory. The history lacks what was dropped.',
  mend: 'Bring the intake up to date (it was away, or is too slow), and raise `celery.events.maxBytes` where longer outages must be survived.',
  find(model, now) {
    return intakes(model, now).flatMap((intake) => {
      const { id, by, dropped } = intake;
      if (dropped === null || dropped === 0) return [];
      return [
        {
          subject: intakeSubject(intake),
          text: `The queue ${id} is full: the broker dropped ${formatCount(dropped, 'message')} of events.`,
          evidence: [{ by, says: `${dropped} dropped` }],
          advice: {
            text: 'See why the intake is behind; raise celery.events.maxBytes for longer outages.',
            command: null,
          },
        },
      ];
    });
  },
};
