/** EventsMissed: workers did more than their events told. */
import { someOf } from '#lib/format/list.ts';
import { formatCount } from '#lib/format/quantity.ts';
import { sumTold } from '#lib/model/sum.ts';
import type { Rule } from '#server/model/rule.ts';
import { intakeSubject, intakes, onlineWorkers } from './shared.ts';

export const eventsMissed: Rule = {
  code: 'EventsMissed',
  // A hole in the past says nothing of how the estate is now.
  severity: 'info',
  posture: false,
  holdMs: 10_000,
  means:
    'The heartbeats of workers count more tasks than Trellis saw begin: events were lost, in the broker, in a worker that lost its connection, or because the queue of events was away. The history has holes.',
  mend: 'Trellis looks for the missing ends in the result store by itself; what keeps no result stays missing. The counter of a worker begins anew when it restarts.',
  find(model, now) {
    // Who sends none at all is another finding.
    const holed = onlineWorkers(model, now).filter((one) => one.missedTasks > 0 && one.sendsTaskEvents !== false);
    const [intake] = intakes(model, now);
    if (holed.length === 0 || intake === undefined) return [];
    const missed = sumTold(holed.map(({ missedTasks }) => missedTasks)) ?? 0;
    return [
      {
        subject: intakeSubject(intake),
        text: `Events of ${formatCount(missed, 'task')} of ${someOf(holed.map(({ id }) => id))} never came: the history has holes.`,
        evidence: [
          ...holed.map(({ by, id, missedTasks }) => ({
            by,
            says: `${id}: ${formatCount(missedTasks, 'start')} not seen`,
          })),
          { by: intake.by, says: `${formatCount(intake.backfilled, 'end')} found in the result store` },
        ],
        advice: {
          text: 'Missing ends are looked for in the result store; look at the intake on the Sources page for the cause.',
          command: null,
        },
      },
    ];
  },
};
