/** What the routes of tasks refuse, and how. */
import { afterEach, expect, test } from 'vitest';
import { taskFilterSchema, taskQuerySchema } from '#lib/contract/tasks.ts';
import { fillSlot, type Runtime } from '#server/runtime/slot.ts';
import { json } from './respond.ts';
import { answerTasks, taskParameters } from './task-answer.ts';

const request = (search: string) => new Request(`http://trellis/api/v1/tasks?${search}`);
const on = (tasks: unknown) => fillSlot({ tasks, clock: () => 7 } as unknown as Runtime);
const ask = (search: string, respond = async () => json({})) =>
  answerTasks(taskQuerySchema.safeParse(taskParameters(request(search))), respond);
const failing =
  (code: string, more = {}) =>
  async () => {
    throw Object.assign(new Error('in words'), { code, ...more });
  };
const problemOf = async (answer: Promise<Response>) => (await (await answer).json()) as Record<string, unknown>;

afterEach(() => on(null));

test('repeated parameters are lists, the others stand once', () => {
  const given = taskParameters(request('state=FAILURE&state=RETRY&name=a,b&q=x&from=1'));
  expect(given).toEqual({ state: ['FAILURE', 'RETRY'], name: ['a,b'], q: 'x', from: '1' });
  expect(taskFilterSchema.safeParse(given).success).toBe(true);
});

test('without a store every question is told so', async () => {
  on(null);
  expect(await problemOf(ask(''))).toMatchObject({ status: 404, code: 'TASKS_OFF' });
});

test.each(['limit=0', 'limit=501', 'state=EXPLODED', 'from=soon', 'surprise=1', `q=${'x'.repeat(2_049)}`])(
  '%s is refused',
  async (search) => {
    on({});
    expect(await problemOf(ask(search))).toMatchObject({ status: 400, code: 'INVALID_QUERY' });
  },
);

test('a search that cannot be read is refused with the place', async () => {
  on({});
  expect(await problemOf(ask('', failing('SEARCH_INVALID', { position: 4 })))).toEqual({
    ...{ type: 'about:blank', status: 400, code: 'SEARCH_INVALID', detail: 'in words', position: 4 },
  });
});

test('a store that cannot be read is no fault of the question; anything else is thrown', async () => {
  on({});
  expect(await problemOf(ask('', failing('HISTORY_UNAVAILABLE')))).toMatchObject({ status: 503 });
  await expect(ask('', failing('EBUG'))).rejects.toThrow('in words');
});

test('the store and the time reach the one who answers', async () => {
  const store = {};
  on(store);
  const query = taskQuerySchema.safeParse(taskParameters(request('limit=3')));
  await answerTasks(query, async (tasks, { limit }, now) => {
    expect([tasks, limit, now]).toEqual([store, 3, 7]);
    return json({});
  });
  expect.assertions(1);
});
