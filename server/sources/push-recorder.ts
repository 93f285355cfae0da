/** For tests: takes what a subscription reports, and waits for it. */
import { probeFailure } from './failure.ts';
import type { Answer, PushReport } from './source.ts';

export type Told = { reading: string; outcome: Answer | { code: string } };

export type PushRecorder = {
  report: PushReport;
  readonly told: readonly Told[];
  readonly hurries: number;
  readonly nudges: number;
  /** Resolves once it holds. */
  until(holds: (recorder: PushRecorder) => boolean): Promise<void>;
};

/** A report that remembers everything. */
export function recordPush(): PushRecorder {
  const told: Told[] = [];
  const waiting = new Set<() => void>();
  const counts = { hurries: 0, nudges: 0 };
  const changed = () => {
    for (const check of [...waiting]) check();
  };
  const recorder: PushRecorder = {
    report: {
      tell({ name }, outcome) {
        const failed = 'error' in outcome;
        told.push({ reading: name, outcome: failed ? { code: probeFailure(outcome.error).code } : outcome });
        changed();
      },
      hurry() {
        counts.hurries += 1;
        changed();
      },
      nudge() {
        counts.nudges += 1;
        changed();
      },
    },
    told,
    get hurries() {
      return counts.hurries;
    },
    get nudges() {
      return counts.nudges;
    },
    until: (holds) =>
      new Promise((resolve) => {
        const check = () => {
          if (!holds(recorder)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
  return recorder;
}
