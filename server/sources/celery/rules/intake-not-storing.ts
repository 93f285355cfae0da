/** IntakeNotStoring: events cannot be written to the history. */
import type { Rule } from '#server/model/rule.ts';
import { intakeSubject, intakes } from './shared.ts';

export const intakeNotStoring: Rule = {
  code: 'IntakeNotStoring',
  severity: 'critical',
  posture: false,
  means:
    'Trellis cannot write events to its history: the disk is full, read-only or failing. It acknowledges nothing that it did not store, so the events wait in the broker until the bound of the queue is reached; then the oldest are dropped. In the mode `exclusive` they are gone as soon as Trellis restarts.',
  mend: 'Make room on the disk of `dataDir`, or lower `tasks.keepDays` and `tasks.keepBytes`. Trellis goes on by itself.',
  find(model, now) {
    return intakes(model, now)
      .filter(({ state }) => state === 'storing-fails')
      .map((intake) => ({
        subject: intakeSubject(intake),
        text: 'Events cannot be stored: the history stands still, and they pile up in the broker.',
        evidence: [{ by: intake.by, says: intake.problem ?? 'writing fails' }],
        advice: { text: 'Make room on the disk of Trellis’s dataDir; it then goes on by itself.', command: null },
      }));
  },
};
