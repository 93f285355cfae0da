/** Reports: the verdict says what was measured, and the text breaks out of no table. */
import { expect, test } from 'vitest';
import type { RunContext } from '#lib/contract/drills.ts';
import type { Hypothesis, LedgerCount, Outage, Run } from '#lib/model/drill.ts';
import { comparisonOf, judge, reportMarkdown, reportSentences, trendPoint } from './report.ts';
import { NO_CANARIES } from './run-record.ts';

const T = Date.UTC(2026, 10, 20, 12);
const hypothesis: Hypothesis = {
  ...{ lost: 0, repeated: 2, resultsLost: null, winner: 'redis@host-1', because: null },
  outageMs: { publish: 0, execute: 1_000, result: null, schedule: null },
};
const ledger: LedgerCount = { ...NO_CANARIES, published: 300, confirmed: 300, executed: 300 };

function run(more: Partial<Run> = {}): Run {
  return {
    ...{ id: 'r-1', drill: 'redis-switch', target: 'results', actor: 'ada', reason: 'monthly', state: 'ended' },
    ...{ verdict: null, because: [], startedAt: T, faultAt: T + 3_000, endedAt: T + 9_000, steps: [], checks: [] },
    ...{ outages: [], ledger, marks: [], undoLeft: [] },
    ...more,
  };
}

const out = (ms: number, errorMs = 50): Outage => ({ path: 'execute', from: T, to: T + ms, ms, errorMs });
const DONE = { how: 'done' } as const;
const UNSEEN = { ownTasks: null, tookOver: null };

test.each<[string, Partial<Run>, Run['verdict'], string]>([
  ['everything within the promise', { outages: [out(900)] }, 'held', 'Everything that was promised was kept.'],
  ['longer than promised', { outages: [out(1_200)] }, 'broken', 'measured out for 1.20 s ± 0.05'],
  ['longer by less than the error', { outages: [out(1_200, 400)] }, 'held', 'within the error'],
  ['a hiccup on a path that it does not touch', { outages: [{ ...out(900), path: 'publish' }] }, 'held', 'was kept'],
  ['more than a hiccup', { outages: [{ ...out(1_100), path: 'publish' }] }, 'broken', 'promised not touched'],
  ['a path that it breaks, and nobody saw', { unmeasured: ['execute'] }, 'unknown', 'Execute was not measured'],
  ['a path that it does not touch, and nobody saw', { unmeasured: ['publish'] }, 'held', 'was kept'],
  ['still out at the end', { outages: [{ ...out(800), from: T + 8_200, to: null }] }, 'unknown', 'Execute was out for'],
  ['one task lost', { ledger: { ...ledger, lost: 1 } }, 'broken', 'Tasks lost: promised none, measured 1 of 300'],
  ['two repeated of two', { ledger: { ...ledger, repeated: 2 } }, 'held', 'was kept'],
  ['results lost, which nobody promised', { ledger: { ...ledger, resultsLost: 9 } }, 'held', 'was kept'],
  [
    'canaries that could not be judged',
    { ledger: { ...ledger, open: 3 } },
    'unknown',
    '3 canaries could not be judged',
  ],
  ['no canaries', { ledger: NO_CANARIES }, 'unknown', 'what it cost was not measured'],
])('%s', (_, more, verdict, because) => {
  const judged = judge(run(more), hypothesis, DONE, T + 9_000, UNSEEN);
  expect(judged.verdict).toBe(verdict);
  expect(judged.because.join(' ')).toContain(because);
});

test('that Trellis itself stood still is said with every verdict, but for a moment', () => {
  const because = (more: Partial<Run>) => judge(run(more), hypothesis, DONE, T + 9_000, UNSEEN).because.slice(1);
  const said = ['Trellis itself stood still for 1.3 s in all: its machine was too busy to look.'];
  expect(because({ stoodStillMs: 1_250 })).toEqual(said);
  expect(because({ stoodStillMs: 1_250, outages: [out(1_200)] })).toEqual(said);
  expect(because({ stoodStillMs: 400 })).toEqual([]);
});

test('the estate’s own tasks that were lost break the promise, whatever the canaries say', () => {
  const ownTasks = { inFlight: 9, finished: 7, orphaned: 2, repeated: 0 };
  expect(judge(run(), hypothesis, DONE, T, { ownTasks, tookOver: null })).toEqual({
    verdict: 'broken',
    because: ['The estate’s own tasks lost: promised none, measured 2 of 9 under way.'],
  });
  const kept = { ...ownTasks, orphaned: 0 };
  expect(judge(run(), hypothesis, DONE, T, { ownTasks: kept, tookOver: null }).verdict).toBe('held');
});

test('that somebody else took over than was promised is said', () => {
  const by = (tookOver: string) => judge(run(), hypothesis, DONE, T, { ownTasks: null, tookOver }).because;
  expect(by('redis@host-2')).toContain('redis@host-1 takes over was promised; it was redis@host-2.');
  expect(by('redis@host-1')).toEqual(['Everything that was promised was kept.']);
});

test('what was called off or failed is never a verdict on the estate', () => {
  const bad = run({ ledger: { ...ledger, lost: 5 } });
  expect(judge(bad, hypothesis, { how: 'aborted', why: 'Called off by ada.' }, T, UNSEEN)).toEqual({
    verdict: 'aborted',
    because: ['Called off by ada.'],
  });
  expect(judge(bad, hypothesis, { how: 'failed', why: 'No.' }, T, UNSEEN)).toEqual({
    verdict: 'failed',
    because: ['No.'],
  });
});

const context: RunContext = {
  targetName: 'results',
  plan: {
    ...{
      drill: 'redis-switch',
      target: 'results',
      at: T,
      stateHash: 'x',
      checks: [],
      hypothesis,
      timeline: [],
      radius: [],
    },
    steps: [
      {
        id: 'hold',
        title: 'Hold',
        calls: ['redis-cli CLIENT PAUSE 5000 WRITE'],
        undo: [],
        limitMs: 1,
        isPointOfNoReturn: false,
      },
    ],
    ...{ canaryQueues: ['celery'], warnings: [] },
  },
  hypothesis,
  findings: { before: [], during: [{ id: 'f', code: 'RedisRoleDisputed', severity: 'warning', text: 'x' }], after: [] },
  changed: ['redis@host-1 has the role now.'],
  ownTasks: { inFlight: 4, finished: 3, orphaned: 1, repeated: 0 },
  schedule: { missed: 2, doubled: 0 },
};

test('the sentences begin with the verdict and leave nothing out that was counted', () => {
  const sentences = reportSentences(run({ verdict: 'held', because: ['Kept.'], undoLeft: ['start it'] }), context);
  expect(sentences[0]).toBe('The estate kept what was promised.');
  const text = sentences.join('\n');
  for (const part of [
    'Publish was not out.',
    '300 confirmed canaries 0 never ran',
    '4 were under way',
    '2 ticks were missed',
    'RedisRoleDisputed',
    'redis@host-1 has the role now.',
    'Still to take back: start it',
  ])
    expect(text).toContain(part);
});

test('whatever a reason or a mark says, it ends neither a cell nor a block of the Markdown', () => {
  const marks = [{ at: T + 3_200, by: 'a|b', text: 'x\n# y\n| z' }];
  const text = reportMarkdown(run({ verdict: 'held', reason: 'a | b\n\n## c <script>', marks }), context, null);
  expect(text).toContain('| Why | a \\| b ## c &lt;script> |');
  expect(text).toContain('| 00:00.2 | a\\|b | x # y \\| z |');
  expect(text.match(/^## /gm)).toHaveLength(7);
  expect(text).toContain('```\nredis-cli CLIENT PAUSE 5000 WRITE\n```');
});

test('two runs beside each other say which is better, and differences within the error are none', () => {
  const comparison = comparisonOf(
    run({ outages: [out(500)] }),
    run({ id: 'r-2', outages: [out(900)], ledger: { ...ledger, lost: 1 } }),
    T,
  );
  expect(comparison.with).toBe('r-2');
  expect(comparison.rows).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: 'execute', change: 'better' }),
      expect.objectContaining({ id: 'lost', change: 'better' }),
    ]),
  );
  const same = comparisonOf(run({ outages: [out(500)] }), run({ outages: [out(560)] }), T);
  expect(same.rows.find(({ id }) => id === 'execute')?.change).toBe('same');
});

test('a point of the trend has the longest outage of each path; what was not out is not zero', () => {
  expect(trendPoint(run({ outages: [out(500), out(900)] })).outageMs).toEqual({
    publish: null,
    execute: 900,
    result: null,
    schedule: null,
  });
});
