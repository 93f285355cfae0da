import { expect, test } from 'vitest';
import type { Hypothesis, Outage } from '#lib/model/drill.ts';
import { compareRuns, verdictRows } from './drill-report.ts';
import { CLEAN_LEDGER, FAULT_AT, sampleOutage, sampleRun } from './drill-sample.ts';

const NOW = FAULT_AT + 60_000;
const PROMISE: Hypothesis = {
  ...{ lost: 0, repeated: 2, resultsLost: null, winner: '', because: null },
  outageMs: { publish: 0, execute: null, result: 6_000, schedule: null },
};

function stateOf(id: string, outages: readonly Outage[], more: Parameters<typeof sampleRun>[0] = {}, now = NOW) {
  const row = verdictRows(PROMISE, sampleRun({ outages, ...more }), now).find((one) => one.id === id);
  return [row?.state, row?.measured];
}

test('a promise is broken only by more than the error, and held only within the promise', () => {
  expect(stateOf('result', [sampleOutage('result', 5_900)])).toEqual(['held', 'out for 5.9 s ± 0.1']);
  expect(stateOf('result', [sampleOutage('result', 6_050)])).toEqual(['within', 'out for 6.0 s ± 0.1']);
  expect(stateOf('result', [sampleOutage('result', 6_200)])[0]).toBe('broken');
  expect(stateOf('publish', [])).toEqual(['held', 'not out']);
  expect(stateOf('execute', [sampleOutage('execute', 200)])[0]).toBe('unpromised');
});

test('nothing is held before it is over, and what is broken already is said at once', () => {
  const running = { state: 'running', verdict: null, endedAt: null } as const;
  expect(stateOf('publish', [], running)[0]).toBe('open');
  expect(stateOf('lost', [], running)[0]).toBe('open');
  expect(stateOf('result', [sampleOutage('result', null)], running)).toEqual([
    'broken',
    'out for 60.0 s ± 0.1 and still is',
  ]);
  expect(stateOf('lost', [], { ...running, ledger: { ...CLEAN_LEDGER, lost: 1 } })[0]).toBe('broken');
});

test('what was still out at the end is never held, and does not grow after it', () => {
  const endedAt = FAULT_AT + 2_000;
  const outages = [sampleOutage('result', null)];
  expect(stateOf('result', outages, { endedAt })).toEqual(['open', 'out for 2.0 s ± 0.1 and still is']);
  const rows = compareRuns(sampleRun({ outages, endedAt }), sampleRun({ outages, endedAt }), NOW);
  expect(rows.find(({ id }) => id === 'result')?.mine).toBe('out for 2.0 s ± 0.1 and still is');
});

test('canaries that are not judged keep what is counted open', () => {
  expect(stateOf('lost', [], { ledger: { ...CLEAN_LEDGER, open: 3 } })[0]).toBe('open');
  expect(stateOf('repeated', [], { ledger: { ...CLEAN_LEDGER, repeated: 2 } })).toEqual(['held', '2 of 100']);
});

test('without canaries nothing counts as held', () => {
  const ledger = { ...CLEAN_LEDGER, published: 0, confirmed: 0, executed: 0 };
  expect(verdictRows(PROMISE, sampleRun({ ledger }), NOW).filter(({ state }) => state === 'held')).toEqual([]);
  expect(stateOf('publish', [], { ledger })).toEqual(['unmeasured', 'not measured']);
});

test('of a run that measured nothing no run is better or worse', () => {
  const ledger = { ...CLEAN_LEDGER, published: 0, confirmed: 0, executed: 0 };
  const rows = compareRuns(sampleRun({ ledger }), sampleRun({ outages: [sampleOutage('result', 5_000)] }), NOW);
  expect(rows.flatMap(({ change }) => change ?? [])).toEqual([]);
  expect(rows.find(({ id }) => id === 'lost')).toMatchObject({ mine: 'not measured', other: '0' });
  const unseen = compareRuns(sampleRun({ unmeasured: ['schedule'] }), sampleRun(), NOW);
  expect(unseen.find(({ id }) => id === 'schedule')).toMatchObject({ mine: 'not measured', change: null });
  expect(unseen.find(({ id }) => id === 'publish')?.change).toBe('same');
});

test('a path of which too few signs came is not held', () => {
  expect(stateOf('publish', [], { unmeasured: ['publish'] })).toEqual(['unmeasured', 'not measured']);
});

test('a path that is not touched may be held up for a second, and no longer', () => {
  expect(stateOf('publish', [sampleOutage('publish', 900)])[0]).toBe('held');
  expect(stateOf('publish', [sampleOutage('publish', 1_050)])[0]).toBe('within');
  expect(stateOf('publish', [sampleOutage('publish', 1_200)])[0]).toBe('broken');
});

test('the estate’s own tasks stand beside the canaries, where they are told', () => {
  const ownTasks = { inFlight: 9, finished: 7, orphaned: 2, repeated: 0 };
  const rows = verdictRows(PROMISE, sampleRun(), NOW, ownTasks);
  expect(rows.at(-1)).toMatchObject({ id: 'orphaned', state: 'broken', measured: '2 of 9 under way' });
  expect(verdictRows(PROMISE, sampleRun(), NOW).some(({ id }) => id === 'orphaned')).toBe(false);
});

test('of two runs the shorter outage is better, unless they differ by less than their errors', () => {
  const run = (ms: number) => sampleRun({ outages: [sampleOutage('result', ms)] });
  const change = (mine: number, other: number) =>
    compareRuns(run(mine), run(other), NOW).find(({ id }) => id === 'result')?.change;
  expect([change(3_000, 5_000), change(5_000, 3_000), change(3_000, 3_150)]).toEqual(['better', 'worse', 'same']);
});

test('of two runs the steps stand beside each other that both have', () => {
  const step = (id: string, ms: number) => ({
    ...{ id, title: `Step ${id}`, limitMs: 1_000, state: 'done' as const, says: '' },
    ...{ startedAt: FAULT_AT, endedAt: FAULT_AT + ms },
  });
  const mine = sampleRun({ steps: [step('a', 100), step('b', 200)] });
  const other = sampleRun({ steps: [step('b', 300)], ledger: { ...CLEAN_LEDGER, lost: 2 } });
  const rows = compareRuns(mine, other, NOW);
  expect(rows.filter(({ id }) => id.startsWith('step'))).toEqual([
    { id: 'step b', what: 'Step b', mine: '200 ms', other: '300 ms', change: null },
  ]);
  expect(rows.find(({ id }) => id === 'lost')).toMatchObject({ mine: '0', other: '2', change: 'better' });
});
