/** IntakeBehind: events wait longer than they should. */
import { formatAge, formatCount } from '#lib/format/quantity.ts';
import type { Rule } from '#server/model/rule.ts';
import { intakeSubject, intakes } from './shared.ts';

/** A history that is older than this misleads. */
const BEHIND_MS = 30_000;

export const intakeBehind: Rule = {
  code: 'IntakeBehind',
  severity: 'warning',
  posture: false,
  holdMs: 5_000,
  means:
    'Events wait in the queue longer than 30 seconds before they are stored: the tasks that are shown are as old. After an outage of Trellis this is usual until it has caught up. Nothing is lost while the queue is within its bound.',
  mend: 'Wait if the number falls. If it does not, the disk or the processor of Trellis is too slow for this many events: see the rates on the Sources page.',
  find(model, now) {
    return intakes(model, now).flatMap((intake) => {
      const { id, by, state, lagMs, lagMessages, pending } = intake;
      const waiting = (lagMessages ?? 0) + pending;
      // Where nothing waits the newest event is old because nothing happens.
      if (state !== 'consuming' || lagMs === null || lagMs <= BEHIND_MS || waiting === 0) return [];
      return [
        {
          subject: intakeSubject(intake),
          text: `The history is ${formatAge(lagMs)} behind: ${formatCount(waiting, 'message')} of events ${waiting === 1 ? 'waits' : 'wait'} in ${id}.`,
          evidence: [{ by, says: `newest stored event ${formatAge(lagMs)} old, ${waiting} waiting` }],
          advice: { text: 'Wait while the number falls; else give Trellis a faster disk or processor.', command: null },
        },
      ];
    });
  },
};
