/** WorkerClockSkewed: a worker's clock is wrong. */
import { formatAge } from '#lib/format/quantity.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import type { Rule } from '#server/model/rule.ts';
import { onlineWorkers } from './shared.ts';

/** From here on the order of events from several hosts misleads. */
const SKEWED_MS = 5_000;

export const workerClockSkewed: Rule = {
  code: 'WorkerClockSkewed',
  severity: 'warning',
  posture: false,
  holdMs: 10_000,
  means:
    'The clock of a worker differs from that of Trellis by more than five seconds. A worker judges by its own clock whether a task or a remote command has expired: one that is ahead drops them without a word. Tasks with an eta run early or late, and times in the history are off by as much.',
  mend: 'Synchronise the clocks of all hosts (chrony, systemd-timesyncd). If every worker is off by the same, it is the clock of Trellis.',
  find(model, now) {
    return onlineWorkers(model, now).flatMap(({ id, host, by, clockSkewMs }) => {
      if (clockSkewMs === null || Math.abs(clockSkewMs) <= SKEWED_MS) return [];
      const isAhead = clockSkewMs > 0;
      const off = `${formatAge(Math.abs(clockSkewMs))} ${isAhead ? 'ahead' : 'behind'}`;
      return [
        {
          subject: { kind: 'celeryWorkers', id } as const,
          text: `The clock of ${id} is ${off}: ${isAhead ? 'it drops tasks and commands before they expire' : 'it takes tasks and commands that have expired'}.`,
          evidence: [{ by, says: `clock ${off}` }],
          advice: { text: `Synchronise the clock${host === null ? '' : ` of ${host}`}.`, command: 'chronyc tracking' },
          because: hostSubjects(host),
        },
      ];
    });
  },
};
