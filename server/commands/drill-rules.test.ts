/** Who may start which drill, at the gate; and what its end leaves in the audit. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startRunSchema } from '#lib/contract/drills.ts';
import type { DrillId } from '#lib/model/drill.ts';
import type { Locks } from '#lib/permissions.ts';
import type { Audit } from '#server/audit/audit.ts';
import { sqliteAudit } from '#server/audit/sqlite/store.ts';
import { openTokens, type Tokens, type TokenWish } from '#server/auth/tokens.ts';
import { passGate } from '#server/http/pass-gate.ts';
import { DRILL_RULE } from './drill-rules.ts';

const NOW = 86_400_000_000;
const rule = { ...DRILL_RULE.start, schema: startRunSchema };

let dir: string;
let audit: Audit;
let tokens: Tokens;
let started: DrillId[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-drill-gate-'));
  audit = sqliteAudit(join(dir, 'audit.db'), () => NOW);
  tokens = openTokens(join(dir, 'tokens.json'), () => NOW);
  started = [];
});
afterEach(async () => {
  await audit.close();
  rmSync(dir, { recursive: true });
});

type As = Pick<TokenWish, 'role' | 'scopes'>;

/** `started`, or the code of the refusal. */
async function start(drill: DrillId, wish: As, disabled: Locks['disabled'] = []): Promise<string> {
  const name = `t${Math.max(0, ...tokens.list().map(({ name }) => Number(name.slice(1)))) + 1}`;
  const { token } = tokens.create({ name, days: 1, by: 'ann', ...wish });
  const headers = {
    ...{ 'content-type': 'application/json', host: '127.0.0.1:3000', authorization: `Bearer ${token}` },
    'idempotency-key': `key-${name}-${drill}`,
  };
  const body = JSON.stringify({ drill, target: 'x', typedTarget: 'x', planHash: 'x', reason: 'to see it' });
  const request = new Request('http://127.0.0.1:3000/api/v1/runs', { method: 'POST', headers, body });
  const context = { audit, tokens, locks: { readOnly: false, disabled }, allowedHosts: [] };
  const response = await passGate(context, request, rule, async ({ body: asked }) => {
    started.push(asked.drill);
    return { body: {}, outcome: 'not-verified', details: null };
  });
  return response.ok ? 'started' : ((await response.json()) as { code: string }).code;
}

test('an operator starts what can be switched back, and no forced drill; a viewer starts nothing, an admin all', async () => {
  const as = async (role: As['role']) => [
    await start('queue-sync', { role, scopes: null }),
    await start('redis-switch', { role, scopes: null }),
    await start('redis-crash', { role, scopes: null }),
  ];
  expect(await as('viewer')).toEqual(['ROLE_TOO_LOW', 'ROLE_TOO_LOW', 'ROLE_TOO_LOW']);
  expect(await as('operator')).toEqual(['started', 'started', 'ROLE_TOO_LOW']);
  expect(await as('admin')).toEqual(['started', 'started', 'started']);
  expect(started).toEqual(['queue-sync', 'redis-switch', 'queue-sync', 'redis-switch', 'redis-crash']);
});

test('a limited token starts forced drills only with the scope for these', async () => {
  const scoped = (...scopes: string[]): As => ({ role: 'admin', scopes });
  expect(await start('redis-crash', scoped('drill.run'))).toBe('SCOPE_MISSING');
  expect(await start('redis-switch', scoped('drill.run'))).toBe('started');
  expect(await start('redis-crash', scoped('drill.force'))).toBe('started');
  expect(await start('redis-switch', scoped('drill.force'))).toBe('SCOPE_MISSING');
});

test('forced drills can be disabled by themselves', async () => {
  const admin: As = { role: 'admin', scopes: null };
  expect(await start('host-crash', admin, ['drill.force'])).toBe('ACTION_DISABLED');
  expect(await start('redis-switch', admin, ['drill.force'])).toBe('started');
});

test('the audit says which of the two it was', async () => {
  await start('redis-switch', { role: 'operator', scopes: null });
  await start('redis-crash', { role: 'operator', scopes: null });
  const { entries } = await audit.page({ limit: 9 });
  expect([...entries].reverse().map(({ action, role, outcome }) => [action, role, outcome])).toEqual([
    ['drill.run', 'operator', null],
    ['drill.run', 'operator', 'not-verified'],
    ['drill.force', 'operator', 'refused'],
  ]);
});
