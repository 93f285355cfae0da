import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { identityOf } from './identity.ts';
import { openTokens } from './tokens.ts';

const dir = mkdtempSync(join(tmpdir(), 'trellis-identity-'));
afterAll(() => rmSync(dir, { recursive: true }));
const tokens = openTokens(join(dir, 'tokens.json'), () => 1_000);
const door = { tokens, allowedHosts: ['trellis.example.com'] };

function ask(headers: Record<string, string>): string {
  const found = identityOf(new Request('http://127.0.0.1:3000/', { headers }), door);
  return 'fault' in found ? `${found.status} ${found.fault}` : `${found.identity.name} ${found.identity.role}`;
}

test('who brings nothing is local, by every name of this machine', () => {
  for (const host of [
    '127.0.0.1:3000',
    '127.8.9.1',
    'localhost:3000',
    'LOCALHOST',
    '[::1]:3000',
    'trellis.example.com',
  ])
    expect(ask({ host }), host).toBe('local admin');
  expect(ask({})).toBe('local admin');
});

test('a name that somebody let point here is not local', () => {
  for (const host of ['evil.example:3000', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1', 'a b', ''])
    expect(ask({ host }), host).toBe('403 HOST_UNKNOWN');
});

test('a token is its bearer by whatever name; any other credentials are refused, never ignored', () => {
  const { token } = tokens.create({ name: 'ci', role: 'viewer', scopes: null, days: 1, by: 'ann' });
  expect(ask({ host: 'evil.example', authorization: `Bearer ${token}` })).toBe('token:ci viewer');
  expect(ask({ authorization: `bearer ${token}` })).toBe('token:ci viewer');
  expect(ask({ authorization: 'Bearer trls_nobody' })).toBe('401 TOKEN_UNKNOWN');
  for (const authorization of ['', 'Bearer', 'Basic YTpi', token])
    expect(ask({ authorization })).toBe('401 LOGIN_UNKNOWN');
});
