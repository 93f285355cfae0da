/** What Flower's questions answer besides their shape. */
import { afterAll, expect, test } from 'vitest';
import { keepAnswers } from './inspection.ts';
import { ADDED, RECORDED_AT, recordedEstate } from './recorded-estate.ts';
import { windowOf } from './task-window.ts';

const estate = recordedEstate();
afterAll(() => estate.end());
type Tasks = Record<string, { name: string; state: string; received: number | null; started: number | null }>;
const tasks = async (query = '') => (await (await estate.ask(`/api/tasks?${query}`)).json()) as Tasks;

test('all tasks are listed unless a limit is told, the newest first; an offset below zero is none', async () => {
  const all = Object.keys(await tasks());
  expect(all.length).toBeGreaterThan(8);
  expect(Object.keys(await tasks('limit=3'))).toEqual(all.slice(0, 3));
  expect(Object.keys(await tasks('limit=2&offset=3'))).toEqual(all.slice(3, 5));
  expect(Object.keys(await tasks('limit=2&offset=-1'))).toEqual(all.slice(0, 2));
  expect(await tasks('offset=1000')).toEqual({});
});

test.each(['name', 'state'] as const)('sorted by %s, either way', async (by) => {
  const values = Object.values(await tasks(`sort_by=${by}`)).map((one) => one[by]);
  expect(values).toEqual([...values].sort());
  expect(Object.values(await tasks(`sort_by=-${by}`)).map((one) => one[by])).toEqual(values.toReversed());
});

test('sorted by a time, what has none comes first', async () => {
  const times = Object.values(await tasks('sort_by=received')).map(({ received }) => received ?? 0);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('filters narrow; All is none; a state that nobody knows has no tasks', async () => {
  const added = Object.values(await tasks('taskname=ptasks.add&state=SUCCESS&workername=All'));
  expect(added.length).toBeGreaterThan(0);
  expect(added.every(({ name, state }) => name === 'ptasks.add' && state === 'SUCCESS')).toBe(true);
  expect(await tasks('state=EXPLODED')).toEqual({});
});

test('received_start and received_end bound the time of receipt, in UTC', async () => {
  const received = Object.values(await tasks()).flatMap((one) => one.received ?? []);
  expect(Object.keys(await tasks('received_start=2026-11-21 19:10'))).toHaveLength(received.length);
  expect(await tasks('received_start=2026-11-21 19:12')).toEqual({});
  expect(await tasks('received_end=2026-11-21 19:10')).toEqual({});
});

test.each([
  ['search=ab', 400, '{"error":"Substring search terms must contain at least 3 characters at position 0."}'],
  ['limit=ten', 400, "Invalid argument 'ten' of type 'int'"],
  ['sort_by=colour', 400, "Cannot sort by 'colour': give one of name, state, received, started"],
  ['received_start=soon', 400, "time data 'soon' does not match format '%Y-%m-%d %H:%M'"],
])('%s is refused', async (query, status, text) => {
  const answer = await estate.ask(`/api/tasks?${query}`);
  expect([answer.status, await answer.text()]).toEqual([status, text]);
});

test('a search finds as in Flower', async () => {
  expect(Object.values(await tasks('search=name:ptasks.fail')).map(({ name }) => name)).toEqual(['ptasks.fail']);
});

test('an unknown task, and what is no address, are not found; a wrong method is refused', async () => {
  const told = async (path: string, method = 'GET') => {
    const answer = await estate.ask(path, { method });
    return [answer.status, await answer.text()];
  };
  expect(await told('/api/task/info/nosuch')).toEqual([404, "Unknown task 'nosuch'"]);
  expect(await told('/api/nosuch')).toEqual([404, 'Not Found']);
  expect(await told('/api/task/revoke/x')).toEqual([405, 'Method Not Allowed']);
  expect(await told('/api/tasks', 'POST')).toEqual([405, 'Method Not Allowed']);
  expect(await told('/api/task/info/%E0')).toEqual([400, 'The path is badly escaped']);
});

test('what a caller sent comes back as text, never as a page', async () => {
  const answer = await estate.ask('/api/task/info/<script>');
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
});

test('the table sorts by a column, finds, and tells a bad search in itself', async () => {
  const table = async (query: string) =>
    (await (await estate.ask(`/tasks/datatable?draw=7&start=0&length=50&${query}`)).json()) as Record<
      string,
      unknown
    > & {
      data: { runtime: number | null }[];
    };
  const { data, draw } = await table('order[0][column]=1&order[0][dir]=asc&columns[1][data]=runtime');
  const runtimes = data.map(({ runtime }) => runtime ?? -1);
  expect([draw, runtimes]).toEqual([7, [...runtimes].sort((a, b) => a - b)]);
  expect(await table('search[value]=name:ptasks.fail')).toMatchObject({ recordsFiltered: 1 });
  expect(await table('search[value]=ab')).toMatchObject({ data: [], searchError: expect.stringContaining('3 char') });
});

test('the table may be posted as a form', async () => {
  const body = new URLSearchParams({ draw: '3', length: '1' });
  const answer = await estate.ask('/tasks/datatable', { method: 'POST', body });
  expect(await answer.json()).toMatchObject({ draw: 3, data: [{}] });
});

test('a worker that nobody hears is not alive, and a broker that nobody hears has no queue lengths', async () => {
  const later = recordedEstate({ clock: () => RECORDED_AT + 60_000 });
  expect(await (await later.ask('/api/workers?status=1')).json()).toEqual({ 'w1@h1': false, 'w2@h1': false });
  const queues = await later.ask('/api/queues/length');
  expect([queues.status, await queues.text()]).toEqual([503, 'Broker or result backend unavailable']);
  await later.end();
});

test('without credentials to act, workers are told by their heartbeats alone', async () => {
  const looking = recordedEstate({ hands: null });
  expect(await (await looking.ask('/api/workers')).json()).toEqual({
    'w1@h1': { timestamp: (RECORDED_AT - 500) / 1_000 },
    'w2@h1': { timestamp: (RECORDED_AT - 500) / 1_000 },
  });
  await looking.end();
});

test('fresh answers are asked for with refresh, and else once', async () => {
  const asked: string[] = [];
  const once = recordedEstate();
  const { ask } = once.hands.inspections;
  once.hands.inspections = {
    ask(worker, query) {
      asked.push(`${worker} ${query.method}`);
      return ask(worker, query);
    },
  };
  await once.ask('/api/workers');
  await once.ask('/api/workers?workername=w1@h1');
  expect(asked).toHaveLength(8);
  await once.ask('/api/workers?workername=w1@h1&refresh=True');
  expect(asked.slice(8)).toContain('w1@h1 conf');
  await once.end();
});

test('who may not ask workers is told what is known', async () => {
  const viewer = `Bearer ${estate.token({ role: 'viewer', scopes: null })}`;
  const unasked = recordedEstate();
  unasked.context.tokens = estate.context.tokens;
  const answer = await unasked.ask('/api/workers?refresh=1', { headers: { authorization: viewer } });
  expect(await answer.json()).toMatchObject({ 'w1@h1': { timestamp: (RECORDED_AT - 500) / 1_000 } });
  await unasked.end();
});

test('answers that failed to come leave the earlier ones', async () => {
  let fails = false;
  const replies = { 'w1@h1': { pid: 7 } };
  const told = { method: 'stats' as const, askedAt: 0, tookMs: 0, replies, silent: [] };
  const answers = keepAnswers({ ask: async () => (fails ? Promise.reject(new Error('busy')) : told) }, () => 7_000);
  await answers.refresh(null);
  fails = true;
  await expect(answers.refresh('w1@h1')).rejects.toThrow('busy');
  expect(answers.known().get('w1@h1')).toMatchObject({ stats: { pid: 7 }, timestamp: 7 });
});

test('a token that is none opens nothing, and a page of another site is not answered', async () => {
  const basic = `Basic ${btoa('flower:wrong')}`;
  expect((await estate.ask('/api/tasks', { headers: { authorization: basic } })).status).toBe(401);
  expect((await estate.ask('/api/tasks', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
  expect((await estate.ask('/api/tasks', { headers: { host: 'evil.example' } })).status).toBe(403);
});

test('results are read where Celery keeps them', async () => {
  const value = (status: string, result: unknown) => JSON.stringify({ status, result, traceback: null });
  const found = new Map([
    ['a', value('SUCCESS', 3)],
    ['b', value('FAILURE', { exc_type: 'ValueError', exc_message: ['no'] })],
    ['c', value('STARTED', { pid: 1 })],
  ]);
  const read = async () => ({ found, absent: new Set(['d']), asked: [], problem: null });
  const kept = recordedEstate();
  kept.hands.results = { read };
  const result = async (id: string) => (await kept.ask(`/api/task/result/${id}`)).json();
  expect(await result('a')).toEqual({ 'task-id': 'a', state: 'SUCCESS', result: '3' });
  expect(await result('b')).toEqual({ 'task-id': 'b', state: 'FAILURE', result: "ValueError('no')", traceback: null });
  expect(await result('c')).toEqual({ 'task-id': 'c', state: 'STARTED' });
  expect(await result('d')).toEqual({ 'task-id': 'd', state: 'PENDING' });
  expect((await kept.ask('/api/task/result/e')).status).toBe(503);
  expect((await estate.ask('/api/task/result/a')).status).toBe(503);
  await kept.end();
});

test('a window is read page by page, and no further than it must', async () => {
  const sizes: number[] = [];
  const one = { ...(await estate.context.tasks?.task(ADDED))?.task } as never;
  const store = {
    tasks: async ({ limit }: { limit: number }) => {
      sizes.push(limit);
      return { now: 0, tasks: Array.from({ length: limit }, () => one), next: 'more' };
    },
  } as unknown as Parameters<typeof windowOf>[0];
  const wish = { filter: {}, from: 'newest' as const, offset: 700, limit: 50 };
  expect(await windowOf(store, wish, 0)).toHaveLength(50);
  expect(sizes).toEqual([500, 250]);
  sizes.length = 0;
  await windowOf(store, { ...wish, offset: 0, limit: null }, 0);
  expect(sizes).toHaveLength(20);
});
