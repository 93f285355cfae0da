import { expect, test } from 'vitest';
import type { DrillPlan, GuardCheck } from '#lib/model/drill.ts';
import { checksText, isClear, planChanges, sortedChecks } from './drill-plan.ts';

const check = (id: string, level: GuardCheck['level'], text = `${id} is ${level}.`): GuardCheck => ({
  ...{ id, level, text, by: [], ageMs: null },
});
const STEP = { id: 'kill', title: 'Kill redis-1', limitMs: 1, isPointOfNoReturn: true, calls: ['kill 1'], undo: [] };
const PLAN: DrillPlan = {
  ...{ drill: 'redis-crash', target: 'results', at: 0, stateHash: 'a', checks: [check('in-sync', 'pass')] },
  ...{ steps: [STEP], timeline: [], radius: ['12 results are lost.'], canaryQueues: ['celery'], warnings: [] },
  hypothesis: {
    ...{ lost: 0, repeated: 0, resultsLost: null, winner: 'redis-2', because: null },
    outageMs: { publish: 0, execute: 0, result: 6_000, schedule: 0 },
  },
};

test('what refuses comes first and leads the sentence, by its name', () => {
  const checks = [check('a', 'pass'), check('b', 'warn'), check('c', 'block', 'queue celery has no copy in sync')];
  expect(sortedChecks(checks).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  expect(checksText(checks)).toBe('Refused because: queue celery has no copy in sync.');
  expect(checksText([...checks, check('d', 'block')])).toMatch(/in sync\. And 1 more reason\.$/);
  expect(checksText([check('a', 'pass'), check('b', 'warn')])).toBe('1 guard holds, 1 to mind');
  expect(isClear({ checks })).toBe(false);
});

test('the same plan made again says nothing, whatever its figures', () => {
  expect(planChanges(PLAN, { ...PLAN, at: 9_000, radius: ['13 results are lost.'] })).toEqual([]);
});

test('a guard that turned is said even when the state is the same', () => {
  const after = { ...PLAN, checks: [check('in-sync', 'block', 'redis-3 is not in sync.')] };
  expect(planChanges(PLAN, after)).toEqual(['redis-3 is not in sync. (refused, before: holds)']);
});

test('a guard that holds at last is nothing that the reader must have seen', () => {
  expect(planChanges({ ...PLAN, checks: [check('in-sync', 'block', 'redis-3 is not in sync.')] }, PLAN)).toEqual([]);
});

test('another state is told by what it changes', () => {
  const after: DrillPlan = {
    ...{
      ...PLAN,
      stateHash: 'b',
      warnings: ['one worker only'],
      hypothesis: { ...PLAN.hypothesis, winner: 'redis-3' },
    },
    steps: [{ ...STEP, calls: ['kill 2'] }],
  };
  expect(planChanges(PLAN, after)).toEqual([
    'Step “Kill redis-1” makes other calls.',
    'redis-3 takes over, by what is known now; before: redis-2.',
    'Warning, new: one worker only',
  ]);
  expect(planChanges(PLAN, { ...PLAN, stateHash: 'b' })).toEqual([
    'Roles, leaders or holders that the plan rests on have changed.',
  ]);
});
