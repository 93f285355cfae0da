import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DRILL_IDS, type Hypothesis } from '#lib/model/drill.ts';
import {
  DRILL_LAYERS,
  formatOffset,
  formatOutage,
  formatStopwatch,
  hypothesisSentences,
  ledgerParts,
  runShown,
  worstOutage,
} from './drill.ts';
import { CLEAN_LEDGER, FAULT_AT, sampleOutage, sampleRun } from './drill-sample.ts';

test('every drill stands in the catalog once', () => {
  expect(DRILL_LAYERS.flatMap(({ drills }) => drills).toSorted()).toEqual(DRILL_IDS.toSorted());
});

test('a run says how far it is while it runs, its verdict once it ended, and that it was lost sight of', () => {
  const step = (id: string, state: 'done' | 'running' | 'waiting') => ({
    ...{ id, title: id, limitMs: 1_000, state, startedAt: null, endedAt: null, says: '' },
  });
  const steps = [step('a', 'done'), step('b', 'running'), step('c', 'waiting')];
  expect(runShown(sampleRun({ state: 'running', verdict: null, steps })).word).toBe('running · 2 of 3');
  expect(runShown(sampleRun({ state: 'lost', verdict: null })).status).toBe('down');
  expect(runShown(sampleRun({ verdict: 'broken' }))).toEqual({ status: 'down', word: 'broken' });
  expect(runShown(sampleRun({ verdict: null })).word).toBe('cannot be told');
});

test('an outage is told with no more digits than its error leaves', () => {
  expect(formatOutage(3_614, 100)).toBe('3.6 s ± 0.1');
  expect(formatOutage(204, 52)).toBe('0.20 s ± 0.05');
  expect(formatOutage(74_300, 1_200)).toBe('74 s ± 1');
  expect(formatOutage(180, 0)).toBe('0.18 s ± 0.01');
});

test('the stopwatch reads tenths, also before zero and after an hour', () => {
  expect([0, 6_149, 61_000, 3_723_400, -2_000].map(formatStopwatch)).toEqual([
    ...['00:00.0', '00:06.1', '01:01.0', '1:02:03.4', '−00:02.0'],
  ]);
  expect([2_990, -400, 120_000].map(formatOffset)).toEqual(['+2.99 s', '−0.40 s', '+120 s']);
});

test('an outage that goes on is as long as it lasts by now, and may become the longest', () => {
  const ended = sampleOutage('result', 3_000);
  const open = sampleOutage('result', null);
  expect(worstOutage([ended, open], 'result', FAULT_AT + 2_000)).toBe(ended);
  expect(worstOutage([ended, open], 'result', FAULT_AT + 4_000)).toBe(open);
  expect(worstOutage([ended], 'publish', FAULT_AT)).toBeNull();
});

test('only what is promised is said', () => {
  const hypothesis: Hypothesis = {
    ...{ lost: 0, repeated: null, resultsLost: 1, winner: 'redis-2', because: null },
    outageMs: { publish: 0, execute: null, result: 6_000, schedule: null },
  };
  expect(hypothesisSentences(hypothesis)).toEqual([
    'Takes over: redis-2.',
    'No task is lost and 1 result is lost at most.',
    'Publish is not touched and result is out for 6.0 s at most.',
  ]);
});

test('the shares of the ledger never add up to more than was published, and what went wrong is never hidden', () => {
  const most = { max: 50 };
  const counts = fc
    .record({ good: fc.nat(most), lost: fc.nat(most), repeated: fc.nat(most), resultsLost: fc.nat(most) })
    .chain((parts) => fc.tuple(fc.constant(parts), fc.nat(most), fc.nat(most), fc.nat(most)));
  fc.assert(
    fc.property(counts, ([{ good, lost, repeated, resultsLost }, unconfirmed, open, delayed]) => {
      const executed = good + repeated + resultsLost;
      const confirmed = executed + lost;
      const published = confirmed + unconfirmed + open;
      const slow = Math.min(delayed, good);
      const parts = ledgerParts({
        ...{ published, confirmed, unconfirmed, executed, lost, repeated, resultsLost, open, delayed: slow },
      });
      expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(published);
      expect(parts.find(({ id }) => id === 'lost')?.count ?? 0).toBe(lost);
      expect(parts.find(({ id }) => id === 'good')?.count ?? 0).toBe(good - slow);
    }),
    { seed: 7, numRuns: 200 },
  );
  expect(ledgerParts(CLEAN_LEDGER)).toEqual([{ id: 'good', word: 'run once, result read', count: 100 }]);
});
