/** Flower's commands: who may, what reaches the workers, what is said, and what the audit keeps. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RECORDED_AT, recordedEstate } from './recorded-estate.ts';

let estate: ReturnType<typeof recordedEstate>;
beforeEach(() => {
  estate = recordedEstate();
});
afterEach(() => estate.end());

const told = async (answer: Promise<Response>) => {
  const response = await answer;
  const text = await response.text();
  return [response.status, response.ok ? JSON.parse(text) : text];
};
const post = (path: string, init: RequestInit = {}) => told(estate.post(path, init));

const WRITES = [
  '/api/worker/shutdown/w1@h1',
  '/api/worker/pool/restart/w1@h1',
  '/api/worker/pool/grow/w1@h1?n=2',
  '/api/worker/pool/shrink/w1@h1',
  '/api/worker/pool/autoscale/w1@h1?min=1&max=3',
  '/api/worker/queue/add-consumer/w1@h1?queue=mail',
  '/api/worker/queue/cancel-consumer/w1@h1?queue=mail',
  '/api/task/timeout/ptasks.add?workername=w1@h1&soft=1&hard=2.5',
  '/api/task/rate-limit/ptasks.add?workername=w1@h1&ratelimit=11/m',
  '/api/task/revoke/some-id',
  '/api/task/apply/ptasks.add',
  '/api/task/async-apply/ptasks.add',
  '/api/task/send-task/any.name',
] as const;

test.each([
  [WRITES[0], 'shutdown', {}, 'Shutting down!'],
  [WRITES[1], 'pool_restart', {}, "Restarting 'w1@h1' worker's pool"],
  [WRITES[2], 'pool_grow', { n: 2 }, "Growing 'w1@h1' worker's pool by 2"],
  [WRITES[3], 'pool_shrink', { n: 1 }, "Shrinking 'w1@h1' worker's pool by 1"],
  [WRITES[4], 'autoscale', { min: 1, max: 3 }, "Autoscaling 'w1@h1' worker (min=1, max=3)"],
  [WRITES[5], 'add_consumer', { queue: 'mail' }, 'add_consumer ok'],
  [WRITES[6], 'cancel_consumer', { queue: 'mail' }, 'cancel_consumer ok'],
  [WRITES[7], 'time_limit', { task_name: 'ptasks.add', soft: 1, hard: 2.5 }, 'time_limit ok'],
  [WRITES[8], 'rate_limit', { task_name: 'ptasks.add', rate_limit: '11/m' }, 'rate_limit ok'],
])('%s reaches the worker as Celery knows it', async (path, method, args, message) => {
  expect(await post(path)).toEqual([200, { message }]);
  expect(estate.sent).toEqual([{ method, workers: ['w1@h1'], arguments: args }]);
});

test('a revocation goes to every worker, with its signal', async () => {
  expect(await post('/api/task/revoke/some-id?terminate=True&signal=SIGKILL')).toEqual([
    200,
    { message: "Revoked 'some-id'" },
  ]);
  const args = { task_id: 'some-id', terminate: true, signal: 'SIGKILL' };
  expect(estate.sent).toEqual([{ method: 'revoke', workers: null, arguments: args }]);
});

test('parameters come in a form as well, and are sent on as they are', async () => {
  const body = new URLSearchParams({ queue: 'foo&bar' });
  expect(await post('/api/worker/queue/add-consumer/w1@h1', { body })).toMatchObject([200, {}]);
  expect(estate.sent[0]?.arguments).toEqual({ queue: 'foo&bar' });
});

test.each([
  ['/api/worker/pool/restart/w1@h1', 'pool_restart', "Failed to restart the 'w1@h1' pool: no"],
  ['/api/worker/pool/grow/w1@h1', 'pool_grow', "Failed to grow 'w1@h1' worker's pool: no"],
  ['/api/worker/pool/shrink/w1@h1', 'pool_shrink', "Failed to shrink 'w1@h1' worker's pool: no"],
  [WRITES[4], 'autoscale', "Failed to autoscale 'w1@h1' worker: no"],
  [WRITES[5], 'add_consumer', "Failed to add 'mail' consumer to 'w1@h1' worker: no"],
  [WRITES[6], 'cancel_consumer', "Failed to cancel 'mail' consumer from 'w1@h1' worker: no"],
  [WRITES[7], 'time_limit', "Failed to set timeouts: 'no'"],
  [WRITES[8], 'rate_limit', "Failed to set rate limit: 'no'"],
])('%s that the worker refuses is told in its words', async (path, method, text) => {
  estate.replies.set(method, { error: 'no' });
  expect(await post(path)).toEqual([403, text]);
  expect((await estate.entries()).at(-1)).toMatchObject({ phase: 'after', outcome: 'failed' });
});

test('a worker that does not answer is said so, and the audit calls it not verified', async () => {
  estate.replies.set('pool_grow', null);
  expect(await post(WRITES[2])).toEqual([403, "Failed to grow 'w1@h1' worker's pool: no answer"]);
  expect((await estate.entries()).at(-1)).toMatchObject({ outcome: 'not-verified' });
});

test('a broker that cannot be reached is told as Flower tells it, and its words are in the audit', async () => {
  estate.replies.set('pool_grow', new Error('nobody listens on 127.0.1.1:5672'));
  expect(await post(WRITES[2])).toEqual([503, 'Broker or result backend unavailable']);
  expect((await estate.entries()).at(-1)).toMatchObject({
    outcome: 'failed',
    details: { message: 'nobody listens on 127.0.1.1:5672' },
  });
});

test.each([
  ['/api/worker/shutdown/nosuch', 404, "Unknown worker 'nosuch'"],
  ['/api/worker/pool/grow/__proto__', 404, "Unknown worker '__proto__'"],
  ['/api/worker/pool/grow/w1@h1?n=x', 400, "Invalid argument 'x' of type 'int'"],
  ['/api/worker/pool/grow/w1@h1?n=1000', 400, /^n: /],
  ['/api/worker/pool/autoscale/w1@h1?min=1', 400, 'Missing argument max'],
  ['/api/worker/pool/autoscale/w1@h1?min=3&max=1', 400, 'min is larger than max'],
  ['/api/worker/queue/add-consumer/w1@h1', 400, 'Missing argument queue'],
  ['/api/task/timeout/ptasks.add?soft=1', 400, 'Missing argument workername'],
  ['/api/task/timeout/nosuch?workername=w1@h1&soft=1', 404, "Unknown task 'nosuch'"],
  ['/api/task/rate-limit/ptasks.add?workername=w1@h1&ratelimit=fast', 400, /^rate: /],
  ['/api/task/revoke/x?terminate=perhaps', 400, "Invalid argument 'perhaps' of type 'bool'"],
  ['/api/task/revoke/x?signal=SIGSTOP', 400, "Invalid argument 'SIGSTOP' of type 'signal'"],
  ['/api/task/abort/x', 501, /revoke the task/],
])('%s is refused and reaches nobody', async (path, status, text) => {
  const [code, said] = await post(path);
  expect(code).toBe(status);
  if (typeof text === 'string') expect(said).toBe(text);
  else expect(said).toMatch(text);
  expect(estate.sent).toEqual([]);
});

test('writes are off unless they are turned on, whoever asks', async () => {
  estate.context.flower = { writes: false };
  for (const path of WRITES) expect(await post(path)).toEqual([403, 'Read only mode is enabled']);
  estate.context.flower = { writes: true };
  estate.context.locks = { readOnly: true, disabled: [] };
  for (const path of WRITES) expect(await post(path)).toEqual([403, 'Read only mode is enabled']);
  expect([estate.sent, estate.published]).toEqual([[], []]);
});

test('without a token nobody writes, not even from this machine', async () => {
  for (const path of WRITES) {
    const [status, text] = await told(estate.ask(path, { method: 'POST' }));
    expect([status, text]).toEqual([401, 'Writes need a token with the scope flower']);
  }
  expect([estate.sent, estate.published]).toEqual([[], []]);
});

test('a token of another scope, of too low a role, or of nobody opens nothing', async () => {
  const grow = (authorization: string) => told(estate.ask(WRITES[2], { method: 'POST', headers: { authorization } }));
  expect((await grow(`Bearer ${estate.token({ scopes: ['task.revoke'] })}`))[0]).toBe(403);
  expect((await grow(`Bearer ${estate.token({ role: 'viewer' })}`))[0]).toBe(403);
  expect((await grow(`Bearer trls_abcdefgh_${'x'.repeat(43)}`))[0]).toBe(401);
  expect(await grow(`Basic ${btoa(`flower:${estate.token()}`)}`)).toMatchObject([200, {}]);
  expect(estate.sent).toHaveLength(1);
});

test('a page of another site writes nothing, even if the browser sends credentials by itself', async () => {
  expect((await post(WRITES[2], { headers: { 'sec-fetch-site': 'cross-site' } }))[0]).toBe(403);
  expect((await post(WRITES[2], { headers: { origin: 'https://evil.example' } }))[0]).toBe(403);
  expect(estate.sent).toEqual([]);
});

test('a body that is too large or too slow ends the write', async () => {
  expect((await post(WRITES[12], { body: `"${'x'.repeat(70_000)}"` }))[0]).toBe(413);
  const never = new ReadableStream<Uint8Array<ArrayBuffer>>({ start() {} });
  expect((await post(WRITES[12], { body: never, duplex: 'half' } as RequestInit))[0]).toBe(408);
  expect(estate.published).toEqual([]);
});

test('the audit has it before and after, as the Flower API, by the token', async () => {
  await post(WRITES[2]);
  const shared = { actor: 'token:t0', action: 'worker.pool', target: 'w1@h1', reason: 'Flower API' };
  expect(await estate.entries()).toMatchObject([
    { ...shared, phase: 'before', details: { method: 'pool_grow', worker: 'w1@h1', n: 2 } },
    { ...shared, phase: 'after', outcome: 'not-verified', details: { replies: { 'w1@h1': { ok: 'pool_grow ok' } } } },
  ]);
});

test('refusals are in the audit too', async () => {
  await told(estate.ask(WRITES[0], { method: 'POST' }));
  await post(WRITES[0], { headers: { authorization: `Bearer ${estate.token({ role: 'operator' })}` } });
  expect((await estate.entries()).map(({ outcome, actor }) => [outcome, actor])).toEqual([
    ['refused', 'nobody'],
    ['refused', 'token:t0'],
  ]);
});

test('a key of the caller’s own makes a repetition harmless; without one each is another write', async () => {
  const headers = { 'idempotency-key': 'once-only', authorization: `Bearer ${estate.token()}` };
  const first = await estate.post(WRITES[2], { headers });
  const second = await estate.post(WRITES[2], { headers });
  expect([second.headers.get('idempotency-replayed'), await second.text()]).toEqual(['true', await first.text()]);
  expect(estate.sent).toHaveLength(1);
  await post(WRITES[2]);
  await post(WRITES[2]);
  expect(estate.sent).toHaveLength(3);
});

const NOW = RECORDED_AT;
const json = (body: unknown): RequestInit => ({ body: JSON.stringify(body) });

test.each([
  [{}, { args: [], kwargs: {}, queue: 'celery', origin: 'gen1@trellis' }],
  [
    { args: [1, 'a'], kwargs: { x: 2 } },
    { args: [1, 'a'], kwargs: { x: 2 } },
  ],
  [{ countdown: 3 }, { eta: NOW + 3_000 }],
  [{ eta: '2026-11-22 08:00:00.500000' }, { eta: Date.UTC(2026, 10, 22, 8, 0, 0, 500) }],
  [
    { expires: 60, queue: 'mail', priority: 3 },
    { expires: NOW + 60_000, queue: 'mail', priority: 3 },
  ],
  [{ expires: '2026-11-22 08:00:00.0' }, { expires: Date.UTC(2026, 10, 22, 8) }],
])('a task is published with %j', async (body, call) => {
  const [status, { 'task-id': id }] = await post('/api/task/send-task/any.name', json(body));
  expect(status).toBe(200);
  expect(estate.published).toMatchObject([{ id, name: 'any.name', ...call }]);
});

test.each([
  ['"no"', 'invalid options'],
  ['[]', 'invalid options'],
  ['{"args": {}}', 'args must be an array'],
  ['{"kwargs": []}', 'kwargs must be an object'],
  ['{"eta": "soon"}', 'Invalid option'],
  ['{"countdown": "x"}', 'Invalid option'],
  ['{"serializer": "pickle"}', 'Invalid option'],
])('a task of %s is refused', async (body, text) => {
  expect(await post('/api/task/async-apply/ptasks.add', { body })).toEqual([400, text]);
  expect(estate.published).toEqual([]);
});

test('what no worker has registered is applied by nobody, and may be sent by its name', async () => {
  expect(await post('/api/task/apply/nosuch')).toEqual([404, "Unknown task 'nosuch'"]);
  expect(await post('/api/task/async-apply/nosuch')).toEqual([404, "Unknown task 'nosuch'"]);
  expect(await post('/api/task/send-task/nosuch')).toMatchObject([200, {}]);
});

test('apply waits for the result; async-apply tells the state so far', async () => {
  const value = JSON.stringify({ status: 'SUCCESS', result: 5, traceback: null });
  let isDone = true;
  estate.hands.results = {
    read: async (ids) => ({
      ...{ found: new Map(isDone ? ids.map((id) => [id, value]) : []), absent: new Set(isDone ? [] : ids) },
      ...{ asked: [], problem: null },
    }),
  };
  const done = { 'task-id': expect.any(String), state: 'SUCCESS', result: '5' };
  expect(await post('/api/task/apply/ptasks.add', json({ args: [2, 3] }))).toEqual([200, done]);
  isDone = false;
  const pending = { 'task-id': expect.any(String), state: 'PENDING' };
  expect(await post('/api/task/async-apply/ptasks.add')).toEqual([200, pending]);
});
