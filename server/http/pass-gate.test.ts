/** Who gets through the gate, and what a write leaves behind. On a real audit and real tokens. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { AuditEntry } from '#lib/contract/audit.ts';
import { ACTION_IDS, type ActionId, type Locks } from '#lib/permissions.ts';
import type { Audit } from '#server/audit/audit.ts';
import { sqliteAudit } from '#server/audit/sqlite/store.ts';
import { openTokens, type Tokens, type TokenWish } from '#server/auth/tokens.ts';
import type { Effect, Gated, WriteRule } from './gate.ts';
import { passGate } from './pass-gate.ts';

const DAY_MS = 86_400_000;
const schema = z.strictObject({ id: z.string(), method: z.enum(['pool_grow', 'shutdown']).default('pool_grow') });
const rule: WriteRule<typeof schema> = {
  action: ({ method }) => (method === 'shutdown' ? 'worker.shutdown' : 'worker.pool'),
  schema,
  target: ({ id }) => `workers/${id}`,
  statuses: { WORKER_UNKNOWN: 404 },
};

let dir: string;
let now: number;
let audit: Audit;
let tokens: Tokens;
let locks: Locks;
let done: Gated<z.infer<typeof schema>>[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-gate-'));
  now = 1_000 * DAY_MS;
  audit = sqliteAudit(join(dir, 'audit.db'), () => now);
  tokens = openTokens(join(dir, 'tokens.json'), () => now);
  locks = { readOnly: false, disabled: [] };
  done = [];
});
afterEach(async () => {
  await audit.close();
  rmSync(dir, { recursive: true });
});

type Sent = { body?: unknown; raw?: BodyInit; headers?: Record<string, string | null> };
type Answer = { status: number; code: string | undefined; body: Record<string, unknown>; headers: Headers };

const grow = { id: 'w1', reason: 'more work' };

async function send(sent: Sent = {}, effect = work, of: WriteRule<typeof schema> = rule): Promise<Answer> {
  const given = {
    'content-type': 'application/json',
    host: '127.0.0.1:3000',
    'idempotency-key': 'key-00001',
    ...sent.headers,
  };
  const headers = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== null);
  const body = sent.raw ?? JSON.stringify(sent.body ?? grow);
  const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
  const request = new Request('http://127.0.0.1:3000/api/v1/workers/w1/control', init);
  const context = { audit, tokens, locks, allowedHosts: [], bodyLimits: { bytes: 65_536, timeMs: 50 } };
  const response = await passGate(context, request, of, effect);
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, code: answer.code as string | undefined, body: answer, headers: response.headers };
}

async function work(gated: Gated<z.infer<typeof schema>>): Promise<Effect> {
  done.push(gated);
  return { body: { size: done.length }, outcome: 'verified', details: { size: done.length } };
}

async function entries(): Promise<AuditEntry[]> {
  return [...(await audit.page({ limit: 100 })).entries].reverse();
}

function bearer(wish: Partial<TokenWish> = {}): { authorization: string } {
  const { token } = tokens.create({ name: 'ci', role: 'operator', scopes: null, days: 1, by: 'ann', ...wish });
  return { authorization: `Bearer ${token}` };
}

test('a write that may be done is done, between two entries of the audit', async () => {
  const { status, body, headers } = await send();
  expect([status, body]).toEqual([200, { size: 1 }]);
  expect(done[0]).toMatchObject({
    body: { id: 'w1', method: 'pool_grow' },
    reason: 'more work',
    identity: { name: 'local' },
  });
  const [before, after] = await entries();
  const shared = {
    request: headers.get('audit-request'),
    actor: 'local',
    action: 'worker.pool',
    target: 'workers/w1',
    reason: 'more work',
  };
  expect(before).toMatchObject({ ...shared, phase: 'before', outcome: null, details: { id: 'w1' } });
  expect(after).toMatchObject({ ...shared, phase: 'after', outcome: 'verified', details: { size: 1 } });
});

test.each([
  ['cross-site', { 'sec-fetch-site': 'cross-site' }],
  ['same-site, but another origin', { 'sec-fetch-site': 'same-site' }],
  ['another origin, in a browser that tells no more', { origin: 'http://evil.example' }],
  ['a sandboxed frame', { origin: 'null' }],
])('a page of another site cannot write: %s', async (_, headers) => {
  expect(await send({ headers })).toMatchObject({ status: 403, code: 'CROSS_SITE' });
  expect(done).toEqual([]);
  expect(await entries()).toMatchObject([{ outcome: 'refused', actor: 'local', details: { code: 'CROSS_SITE' } }]);
});

test('a page whose own name points to this machine cannot write', async () => {
  const headers = { host: 'evil.example:3000', origin: 'http://evil.example:3000', 'sec-fetch-site': 'same-origin' };
  expect(await send({ headers })).toMatchObject({ status: 403, code: 'HOST_UNKNOWN' });
  expect(done).toEqual([]);
});

test('a page of this server can write, and a program with a token from anywhere', async () => {
  expect((await send({ headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(200);
  const headers = { ...bearer(), origin: 'http://elsewhere', 'idempotency-key': 'key-00002' };
  expect((await send({ headers })).status).toBe(200);
  expect((await entries()).at(-1)).toMatchObject({ actor: 'token:ci', role: 'operator' });
});

test('what a form can send is refused by its type', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', null])
    expect(await send({ headers: { 'content-type': type } })).toMatchObject({ status: 415, code: 'NOT_JSON' });
  expect(done).toEqual([]);
});

test('a body that is too large or too slow is refused', async () => {
  expect(await send({ body: { ...grow, id: 'x'.repeat(70_000) } })).toMatchObject({ status: 413, code: 'TOO_LARGE' });
  expect(await send({ raw: new ReadableStream() })).toMatchObject({ status: 408, code: 'TOO_SLOW' });
  expect(done).toEqual([]);
});

test('a body that is not as asked for is refused with the name of the field', async () => {
  for (const raw of ['{', '[]', 'null', '1'])
    expect(await send({ raw })).toMatchObject({ status: 400, code: 'INVALID_BODY' });
  const { code, body } = await send({ body: { ...grow, id: 7, more: 1 } });
  expect(code).toBe('INVALID_BODY');
  expect(body.detail).toMatch(/id: .*more/s);
});

test('a write without a reason is refused', async () => {
  for (const reason of [undefined, '', '  x  ', 'ab', 'x'.repeat(501), 7])
    expect(await send({ body: { id: 'w1', reason } })).toMatchObject({ status: 400, code: 'REASON_MISSING' });
  expect(done).toEqual([]);
});

test('a write without a key is refused', async () => {
  for (const key of [null, '', 'short', 'x'.repeat(201), 'umläut-key'])
    expect(await send({ headers: { 'idempotency-key': key } })).toMatchObject({ status: 400, code: 'KEY_MISSING' });
  expect(done).toEqual([]);
});

test('bad, expired and revoked tokens are told, noted and do nothing', async () => {
  const headers = bearer();
  expect(await send({ headers: { authorization: `Bearer trls_abcdefgh_${'x'.repeat(43)}` } })).toMatchObject({
    ...{ status: 401, code: 'TOKEN_UNKNOWN' },
  });
  now += 2 * DAY_MS;
  const expired = await send({ headers });
  expect(expired).toMatchObject({ status: 401, code: 'TOKEN_EXPIRED' });
  expect(expired.headers.get('www-authenticate')).toBe('Bearer');
  const revoked = bearer({ name: 'other' });
  tokens.revoke('other');
  expect(await send({ headers: revoked })).toMatchObject({ status: 401, code: 'TOKEN_REVOKED' });
  expect(done).toEqual([]);
  const noted = (await entries()).map(({ outcome, actor, details }) => [
    outcome,
    actor,
    (details as { code: string }).code,
  ]);
  expect(noted).toEqual(['TOKEN_UNKNOWN', 'TOKEN_EXPIRED', 'TOKEN_REVOKED'].map((code) => ['refused', 'nobody', code]));
});

test('a viewer writes nothing, whatever the action', async () => {
  const headers = bearer({ role: 'viewer' });
  for (const action of ACTION_IDS) {
    const answer = await send({ headers }, work, { ...rule, action });
    expect(answer, action).toMatchObject({ status: 403, code: 'ROLE_TOO_LOW' });
    expect(answer.body.detail).toMatch(/needs the role \w+; you are viewer/);
  }
  expect(done).toEqual([]);
});

test('an operator does not do what needs an admin, even where one body decides the action', async () => {
  const headers = bearer();
  expect(await send({ headers, body: { ...grow, method: 'shutdown' } })).toMatchObject({
    status: 403,
    code: 'ROLE_TOO_LOW',
  });
  expect((await send({ headers })).status).toBe(200);
  expect(await entries()).toMatchObject([
    { outcome: 'refused', actor: 'token:ci', action: 'worker.shutdown', target: 'workers/w1', reason: 'more work' },
    { phase: 'before', action: 'worker.pool' },
    { phase: 'after' },
  ]);
});

test('a token without the scope does nothing', async () => {
  const headers = bearer({ role: 'admin', scopes: ['task.retry', 'flower'] });
  expect(await send({ headers })).toMatchObject({ status: 403, code: 'SCOPE_MISSING' });
  expect(done).toEqual([]);
});

test('read-only stops what reaches outside, for everybody, and lets through what does not', async () => {
  locks = { readOnly: true, disabled: [] };
  expect(await send()).toMatchObject({ status: 403, code: 'READ_ONLY' });
  expect((await send({}, work, { ...rule, action: 'finding.acknowledge' })).status).toBe(200);
  expect(done).toHaveLength(1);
});

test('a disabled action is done by nobody, the others still are', async () => {
  const disabled: readonly ActionId[] = ['worker.pool'];
  locks = { readOnly: false, disabled };
  expect(await send()).toMatchObject({ status: 403, code: 'ACTION_DISABLED' });
  expect((await send({ body: { ...grow, method: 'shutdown' } })).status).toBe(200);
});

test('a repeat gets the kept answer and does nothing', async () => {
  const first = await send();
  const again = await send();
  expect([again.status, again.body]).toEqual([first.status, first.body]);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(again.headers.get('audit-request')).toBe(first.headers.get('audit-request'));
  expect(first.headers.get('idempotency-replayed')).toBeNull();
  expect(done).toHaveLength(1);
  expect(await entries()).toHaveLength(2);
});

test('a key with another body, reason or caller is refused', async () => {
  await send();
  for (const sent of [{ body: { ...grow, id: 'w2' } }, { body: { ...grow, reason: 'another' } }, { headers: bearer() }])
    expect(await send(sent)).toMatchObject({ status: 422, code: 'KEY_REUSED' });
  expect(done).toHaveLength(1);
});

test('of many equal writes at once one is done; the others are told that it is under way, or how it went', async () => {
  const gate = Promise.withResolvers<void>();
  const slow = async (gated: Gated<z.infer<typeof schema>>) => {
    await gate.promise;
    return work(gated);
  };
  const all = Array.from({ length: 10 }, () => send({}, slow));
  const others = await Promise.race(all.map((one) => one.then(({ code }) => code)));
  expect(others).toBe('IN_PROGRESS');
  gate.resolve();
  const codes = (await Promise.all(all)).map(({ code }) => code);
  expect(codes.filter((code) => code === 'IN_PROGRESS')).toHaveLength(9);
  expect(done).toHaveLength(1);
  expect((await send()).headers.get('idempotency-replayed')).toBe('true');
});

test('a write that fails is audited as failed with its code, and a repeat gets the same answer', async () => {
  const fail = async (): Promise<Effect> => {
    throw Object.assign(new Error('no such worker at amqp://u:hunter2@h'), { code: 'WORKER_UNKNOWN' });
  };
  expect(await send({}, fail)).toMatchObject({ status: 404, code: 'WORKER_UNKNOWN' });
  expect((await entries()).at(-1)).toMatchObject({
    phase: 'after',
    outcome: 'failed',
    details: { code: 'WORKER_UNKNOWN' },
  });
  const again = await send();
  expect(again).toMatchObject({ status: 404, code: 'WORKER_UNKNOWN' });
  expect(done).toEqual([]);
  expect(JSON.stringify([again.body, await entries()])).not.toContain('hunter2');
});

test('a write that throws anything at all is a 500, audited', async () => {
  const fail = async (): Promise<Effect> => {
    throw new TypeError('x is not a function');
  };
  expect(await send({}, fail)).toMatchObject({ status: 500, code: 'EFFECT_FAILED' });
  expect((await entries()).at(-1)).toMatchObject({ outcome: 'failed' });
});

test('a write that cannot be audited does not happen, and can be done with the same key when it can', async () => {
  const path = join(dir, 'audit.db');
  writeFileSync(path, 'not a database, but long enough to be taken for one\n'.repeat(100));
  expect(await send()).toMatchObject({ status: 503, code: 'AUDIT_UNAVAILABLE' });
  expect(done).toEqual([]);
  rmSync(path);
  expect((await send()).status).toBe(200);
  expect(done).toHaveLength(1);
});

test('a write whose beginning cannot be audited does not happen, even where its key could be claimed', async () => {
  await send();
  rmSync(join(dir, 'audit.head'));
  const headers = { 'idempotency-key': 'key-00002' };
  expect(await send({ headers })).toMatchObject({ status: 503, code: 'AUDIT_UNAVAILABLE' });
  expect(done).toHaveLength(1);
});

test('a write whose end cannot be audited is told to the caller as it went, and that the audit lacks it', async () => {
  const breaking = async (gated: Gated<z.infer<typeof schema>>) => {
    rmSync(join(dir, 'audit.head'));
    return work(gated);
  };
  await send({ headers: { 'idempotency-key': 'key-00000' } });
  const answer = await send({}, breaking);
  expect([answer.status, answer.headers.get('audit-state')]).toEqual([200, 'incomplete']);
});

test('a flood of refused writes does not fill the disk', async () => {
  const headers = { origin: 'http://evil.example' };
  for (let i = 0; i < 100; i++) await send({ headers });
  expect(await entries()).toHaveLength(30);
});
