import { describe, expect, test } from 'vitest';
import type { TaskState } from '#lib/model/task.ts';
import { planRetry, type RetryInput } from './retry-plan.ts';
import { taskOf } from './task-fixture.ts';

const plan = (
  task: Partial<RetryInput['task']>,
  stored: object | string | null = null,
  rest: Partial<RetryInput> = {},
) =>
  planRetry({
    task: { ...taskOf('1'), ...task },
    stored: stored === null || typeof stored === 'string' ? stored : JSON.stringify(stored),
    ...{ storeProblem: null, queue: null },
    ...rest,
  });
const extended = { status: 'FAILURE', name: 'lab.add', args: [1, 2], kwargs: { z: 3 }, queue: 'celery' };

describe('arguments', () => {
  test('come from the result store where it has them, whatever was printed', () => {
    const { call, plan: told } = plan({ args: '(9, 9)', kwargs: '{}' }, extended);
    expect(call).toMatchObject({ name: 'lab.add', queue: 'celery', args: [1, 2], kwargs: { z: 3 } });
    expect(told).toMatchObject({ args: '(1, 2)', kwargs: "{'z': 3}", argumentsFrom: 'result store', refused: null });
  });

  test('keep every number of the result store as it is written', () => {
    const { call, plan: told } = plan({}, '{"status":"FAILURE","args":[1.0,12345678901234567890],"kwargs":{}}');
    expect(JSON.stringify(call?.args)).toBe('[1.0,12345678901234567890]');
    expect(told.args).toBe('(1.0, 12345678901234567890)');
  });

  test('come from the event where the result store has none', () => {
    const { call, plan: told } = plan({ args: "(1, 'a')", kwargs: "{'x': None}" }, { status: 'FAILURE' });
    expect(call).toMatchObject({ args: [1, 'a'], kwargs: { x: null } });
    expect(told.argumentsFrom).toBe('event');
  });

  test.each<[string, Partial<RetryInput['task']>, RegExp]>([
    ['cut by Celery', { args: "('aaaa...',)" }, /they were cut/],
    ['cut by Trellis', { kwargs: "{'a': 'b…" }, /they were cut/],
    ['hidden', { args: "('***',)" }, /parts of them are hidden/],
    ['objects', { args: '(<Order 7>,)' }, /args: no plain value/],
    ['a backslash', { args: "('C:\\temp',)" }, /may mean two things/],
    ['not told', { args: null }, /no event told them/],
    ['no tuple', { args: "{'a': 1}" }, /no list and dictionary/],
  ])('are refused when they cannot be read back: %s', (_, task, why) => {
    const { call, plan: told } = plan(task);
    expect(call).toBeNull();
    expect(told).toMatchObject({ refused: expect.stringMatching(why), args: null, argumentsFrom: null });
  });

  test('printed ones of the result store are not taken for the real ones', () => {
    expect(plan({ args: null }, { ...extended, args: '(1, 2)' }).call).toBeNull();
  });

  test('a result store that cannot be read is named', () => {
    expect(plan({ args: null }, null, { storeProblem: 'no node answers' }).plan.refused).toMatch(/no node answers/);
  });

  test.each(['', 'null', '[]', '{"args": [NaN], "kwargs": {}}', '{"args"'])(
    'garbage in the result store is none: %j',
    (stored) => {
      expect(plan({ args: '(7,)' }, stored).call?.args).toEqual([7]);
    },
  );
});

describe('twice', () => {
  test.each<[TaskState, RegExp | null]>([
    ['PENDING', /has not ended/],
    ['RECEIVED', /has not ended/],
    ['STARTED', /it is STARTED on celery@a/],
    ['RETRY', /has not ended/],
    ['SUCCESS', /succeeded already/],
    ['ORPHANED', /acknowledges late/],
    ['FAILURE', null],
    ['REVOKED', null],
    ['REJECTED', null],
  ])('%s', (state, why) => {
    const { twice } = plan({ state, worker: 'celery@a' }).plan;
    if (why === null) expect(twice).toBeNull();
    else expect(twice).toMatch(why);
  });

  test('rejected back into its queue', () => {
    const events = [{ type: 'rejected' as const, at: 1, by: null, pid: null, note: 'requeued', retries: null }];
    expect(plan({ state: 'REJECTED', events }).plan.twice).toMatch(/back into its queue/);
  });
});

describe('the queue', () => {
  test('is the one it was in, as events or the result store tell it; another where it is asked for', () => {
    expect(plan({ queue: 'mail' }, extended).call?.queue).toBe('mail');
    expect(plan({ queue: null }, extended).call?.queue).toBe('celery');
    expect(plan({ queue: 'mail' }, extended, { queue: 'slow' }).call?.queue).toBe('slow');
  });

  test('refused without one, and without a name', () => {
    expect(plan({ queue: null }).plan.refused).toMatch(/queue is not known/);
    expect(plan({ name: null }).plan.refused).toMatch(/name is not known/);
  });
});
