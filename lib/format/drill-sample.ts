/** A run to test words and pictures with. Times are milliseconds after an arbitrary zero. */
import type { LedgerCount, Outage, Run } from '#lib/model/drill.ts';

/** All went well. */
export const CLEAN_LEDGER: LedgerCount = {
  ...{ published: 100, confirmed: 100, unconfirmed: 0, executed: 100, lost: 0, repeated: 0, resultsLost: 0 },
  ...{ open: 0, delayed: 0 },
};

/** The start of the sample; its fault comes two seconds later. */
export const STARTED_AT = 1_000_000;
export const FAULT_AT = STARTED_AT + 2_000;

/** A run that ended well, unless told otherwise. */
export function sampleRun(more: Partial<Run> = {}): Run {
  return {
    ...{ id: 'r1', drill: 'redis-crash', target: 'results/127.0.1.1:6379', actor: 'ann', reason: 'game day' },
    ...{ state: 'ended', verdict: 'held', because: [], startedAt: STARTED_AT, faultAt: FAULT_AT },
    ...{ endedAt: STARTED_AT + 30_000, steps: [], checks: [], outages: [], ledger: CLEAN_LEDGER, marks: [] },
    undoLeft: [],
    ...more,
  };
}

/** An outage of a path that began with the fault; null = it goes on. */
export function sampleOutage(path: Outage['path'], ms: number | null, errorMs = 100): Outage {
  return { path, from: FAULT_AT, to: ms === null ? null : FAULT_AT + ms, ms: ms ?? 0, errorMs };
}
