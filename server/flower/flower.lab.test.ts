/** Flower's dialect on the real lab, as Flower's own tests ask: over HTTP alone, by what workers then do. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openLab } from '#lab/control.ts';
import { trellisYaml } from '#lab/trellis-yaml.ts';
import { trellisOnLab } from './on-lab.ts';

const lab = openLab();
const WORKER = 'celery@host-1';
const ALL = ['celery@host-1', 'celery@host-2', 'celery@host-3'];
type Task = { uuid: string; name: string; state: string; args: string; result: string | null; received: number };
type Workers = Record<
  string,
  { stats?: { pool: { processes: readonly number[] } }; active_queues?: { name: string }[]; registered?: string[] }
>;
let trellis: Awaited<ReturnType<typeof trellisOnLab>>;

beforeAll(async () => {
  await lab.up();
  trellis = await trellisOnLab(trellisYaml(lab.paths), 3997);
  const living = async () => Object.entries(await json('/api/workers?status=1')).filter(([, lives]) => lives);
  const three = async () => expect((await living()).length).toBeGreaterThanOrEqual(3);
  await vi.waitFor(three, { timeout: 60_000, interval: 250 });
});
afterAll(() => trellis.end());

const json = async <T = Record<string, unknown>>(path: string) => (await trellis.get(path)).json() as Promise<T>;
const told = async (answer: Promise<Response>) => {
  const { status, ...response } = await answer.then(async (one) => ({ status: one.status, text: await one.text() }));
  return [status, response.text] as const;
};
const post = async (path: string, body?: unknown) => {
  const [status, text] = await told(trellis.post(path, body));
  return [status, status < 300 ? JSON.parse(text) : text] as const;
};
const worker = async () => {
  const all = await json<Workers>(`/api/workers?refresh=1&workername=${WORKER}`);
  return all[WORKER];
};
/** Celery 5.2 goes on telling the concurrency that it was started with: its processes are what grows. */
const size = async () => (await worker())?.stats?.pool.processes.length ?? 0;
const info = async (id: string) => {
  const answer = await trellis.get(`/api/task/info/${id}`);
  return answer.ok ? ((await answer.json()) as Task) : null;
};
const state = (id: string) => async () => (await info(id))?.state ?? null;
async function send(name: string, body: object): Promise<string> {
  const [status, answer] = await post(`/api/task/send-task/${name}`, body);
  expect(status).toBe(200);
  return answer['task-id'];
}

test('workers tell what Flower asks them', async () => {
  const all = await json<Workers>('/api/workers?refresh=True');
  expect(Object.keys(all)).toEqual(expect.arrayContaining(ALL));
  for (const name of ALL) {
    expect(all[name]?.registered).toEqual(expect.arrayContaining(['lab.add']));
    expect(all[name]?.active_queues?.map((queue) => queue.name)).toContain('celery');
  }
});

test('an unknown worker is unknown to every command', async () => {
  for (const path of [
    ...['/api/worker/shutdown/nosuch', '/api/worker/pool/restart/nosuch', '/api/worker/pool/grow/nosuch'],
    ...['/api/worker/pool/shrink/nosuch', '/api/worker/pool/autoscale/nosuch?min=1&max=2'],
    ...['/api/worker/queue/add-consumer/nosuch?queue=q', '/api/worker/queue/cancel-consumer/nosuch?queue=q'],
    ...[
      '/api/task/timeout/lab.add?workername=nosuch&soft=1',
      '/api/task/rate-limit/lab.add?workername=nosuch&ratelimit=1',
    ],
  ])
    expect(await post(path)).toEqual([404, "Unknown worker 'nosuch'"]);
});

test('a pool grows and shrinks', async () => {
  const before = await size();
  expect(await post(`/api/worker/pool/grow/${WORKER}?n=2`)).toEqual([
    200,
    { message: `Growing '${WORKER}' worker's pool by 2` },
  ]);
  await expect.poll(size, { interval: 1_100, timeout: 20_000 }).toBe(before + 2);
  await post(`/api/worker/pool/shrink/${WORKER}`, new URLSearchParams({ n: '2' }));
  await expect.poll(size, { interval: 1_100, timeout: 20_000 }).toBe(before);
});

test('a worker that does not scale by itself says so', async () => {
  expect(await post(`/api/worker/pool/autoscale/${WORKER}?min=1&max=2`)).toEqual([
    403,
    `Failed to autoscale '${WORKER}' worker: ValueError('Autoscale not enabled')`,
  ]);
});

test('a queue is consumed and left', async () => {
  const queues = async () => (await worker())?.active_queues?.map(({ name }) => name) ?? [];
  const [status, { message }] = await post(`/api/worker/queue/add-consumer/${WORKER}?queue=flower-test`);
  expect([status, message]).toEqual([200, 'add consumer flower-test']);
  await expect.poll(queues, { interval: 1_100, timeout: 10_000 }).toContain('flower-test');
  await post(`/api/worker/queue/cancel-consumer/${WORKER}?queue=flower-test`);
  await expect.poll(queues, { interval: 1_100, timeout: 10_000 }).not.toContain('flower-test');
});

test('limits of a task are set, and those of an unknown one are not', async () => {
  const [status] = await post(`/api/task/rate-limit/lab.tick?workername=${WORKER}&ratelimit=100/s`);
  expect(status).toBe(200);
  const limit = async () => (await worker())?.registered?.find((name) => name.startsWith('lab.tick')) ?? '';
  await expect.poll(limit, { interval: 1_100, timeout: 10_000 }).toContain('rate_limit=100');
  await post(`/api/task/rate-limit/lab.tick?workername=${WORKER}&ratelimit=0`);
  expect((await post(`/api/task/timeout/lab.tick?workername=${WORKER}&soft=30&hard=40`))[0]).toBe(200);
  expect(await post(`/api/task/timeout/nosuch?workername=${WORKER}&soft=1`)).toEqual([404, "Unknown task 'nosuch'"]);
});

test('a task is sent, runs, and is told with its result', async () => {
  const id = await send('lab.add', { args: [20, 22] });
  await expect.poll(state(id), { timeout: 20_000 }).toBe('SUCCESS');
  expect(await info(id)).toMatchObject({ uuid: id, name: 'lab.add', args: '(20, 22)', result: '42' });
  expect(await json(`/api/task/result/${id}?timeout=5`)).toEqual({ 'task-id': id, state: 'SUCCESS', result: '42' });
});

test('apply waits for the end, a failure included', async () => {
  expect(await post('/api/task/apply/lab.add', { args: [1, 2] })).toMatchObject([
    200,
    { state: 'SUCCESS', result: '3' },
  ]);
  expect(await post('/api/task/apply/lab.fail')).toMatchObject([
    200,
    { state: 'FAILURE', result: expect.stringContaining('as ordered'), traceback: expect.any(String) },
  ]);
  expect(await post('/api/task/apply/nosuch')).toEqual([404, "Unknown task 'nosuch'"]);
});

test('a task with a countdown is revoked before it begins, and one that runs is terminated', async () => {
  const waiting = await send('lab.sleep', { args: [1], countdown: 30 });
  await expect.poll(state(waiting), { timeout: 20_000 }).toBe('RECEIVED');
  expect(await post(`/api/task/revoke/${waiting}`)).toEqual([200, { message: `Revoked '${waiting}'` }]);
  await expect.poll(state(waiting), { timeout: 60_000 }).toBe('REVOKED');
  const running = await send('lab.sleep', { args: [60] });
  await expect.poll(state(running), { timeout: 30_000 }).toBe('STARTED');
  await post(`/api/task/revoke/${running}?terminate=1&signal=SIGTERM`);
  await expect.poll(state(running), { timeout: 20_000 }).toBe('REVOKED');
});

test('lists are filtered, sorted, cut and searched as in Flower', async () => {
  const list = async (query: string) => Object.values(await json<Record<string, Task>>(`/api/tasks?${query}`));
  const failed = await list('taskname=lab.fail&state=FAILURE&limit=5');
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.every(({ name, state: one }) => name === 'lab.fail' && one === 'FAILURE')).toBe(true);
  const received = (await list('limit=20&sort_by=-received')).map((one) => one.received);
  expect(received).toEqual(received.toSorted((a, b) => b - a));
  const found = await list('search=name:lab.add args:"(20, 22)"');
  expect(found.map(({ result }) => result)).toContain('42');
  const [status, text] = await told(trellis.get('/api/tasks?search=ab'));
  expect([status, JSON.parse(text)]).toEqual([
    400,
    { error: 'Substring search terms must contain at least 3 characters at position 0.' },
  ]);
});

test('events of workers are counted in their table', async () => {
  const { data } = await json<{ data: { hostname: string; status: boolean; 'task-succeeded'?: number }[] }>(
    '/workers?json=1',
  );
  expect(data.find(({ hostname }) => hostname === WORKER)).toMatchObject({ status: true, pid: expect.any(Number) });
  expect(data.some((one) => (one['task-succeeded'] ?? 0) > 0)).toBe(true);
});

test('a worker that is killed is not alive', async () => {
  const lives = async () => (await json<Record<string, boolean>>('/api/workers?status=1'))['celery@host-3'];
  await lab.kill('host-3/worker');
  await expect.poll(lives, { timeout: 20_000 }).toBe(false);
  await lab.start('host-3/worker');
  await expect.poll(lives, { timeout: 30_000 }).toBe(true);
});
