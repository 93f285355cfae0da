import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTokens, type Tokens, type TokenWish } from './tokens.ts';

const DAY_MS = 86_400_000;
const START = 1_000 * DAY_MS;

let dir: string;
let path: string;
let now: number;
let tokens: Tokens;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-tokens-'));
  path = join(dir, 'tokens.json');
  now = START;
  tokens = openTokens(path, () => now);
});
afterEach(() => rmSync(dir, { recursive: true }));

const wish = (fields: Partial<TokenWish> = {}): TokenWish => ({
  ...{ name: 'ci', role: 'operator', scopes: ['task.retry'], days: 10, by: 'ann', ...fields },
});

test('a token is its bearer, with the role and scopes that it was made with', () => {
  const { token, facts } = tokens.create(wish());
  expect(token).toMatch(/^trls_[a-z0-9]{8}_[A-Za-z0-9_-]{43}$/);
  expect(tokens.identify(token)).toEqual({ name: 'token:ci', role: 'operator', scopes: ['task.retry'] });
  expect(facts).toMatchObject({ name: 'ci', createdBy: 'ann', expiresAt: START + 10 * DAY_MS, lastUsedAt: null });
});

test('one wrong letter, another id, and what was never made open nothing', () => {
  const { token } = tokens.create(wish());
  const last = token.endsWith('A') ? 'B' : 'A';
  const other = tokens.create(wish({ name: 'other' })).token;
  for (const wrong of [
    `${token.slice(0, -1)}${last}`,
    `${other.slice(0, 14)}${token.slice(14)}`,
    `trls_abcdefgh_${'x'.repeat(43)}`,
    ...['', 'trls_', `${token} `, `${token}x`, 'undefined'],
  ])
    expect(tokens.identify(wrong)).toBe('TOKEN_UNKNOWN');
});

test('an expired token opens nothing, from its last millisecond on', () => {
  const { token } = tokens.create(wish({ days: 1 }));
  now = START + DAY_MS - 1;
  expect(tokens.identify(token)).toMatchObject({ name: 'token:ci' });
  now += 1;
  expect(tokens.identify(token)).toBe('TOKEN_EXPIRED');
});

test('a revoked token opens nothing, also when another process revoked it', () => {
  const { token } = tokens.create(wish());
  expect(tokens.identify(token)).toMatchObject({ name: 'token:ci' });
  expect(openTokens(path, () => now).revoke('ci')).toMatchObject({ revokedAt: START });
  expect(tokens.identify(token)).toBe('TOKEN_REVOKED');
  expect(tokens.revoke('ci')).toBeNull();
});

test('the use of a token never writes over what the command line changed meanwhile', () => {
  const { token } = tokens.create(wish());
  const commandLine = openTokens(path, () => now);
  tokens.identify(token);
  commandLine.revoke('ci');
  now += DAY_MS;
  tokens.identify(token);
  expect(tokens.identify(token)).toBe('TOKEN_REVOKED');
});

test('neither the token nor its secret part is on the disk, and only the owner may read the file', () => {
  const { token } = tokens.create(wish());
  tokens.identify(token);
  for (const name of readdirSync(dir)) {
    expect(readFileSync(join(dir, name), 'utf8')).not.toContain(token.slice(14));
    expect(statSync(join(dir, name)).mode & 0o777, name).toBe(0o600);
  }
});

test('when it was last used is told to the hour', () => {
  const { token } = tokens.create(wish());
  now = START + 90 * 60_000;
  tokens.identify(token);
  expect(tokens.list()[0]?.lastUsedAt).toBe(START + 60 * 60_000);
});

test('a name is taken while its token works, and free afterwards', () => {
  tokens.create(wish());
  expect(() => tokens.create(wish())).toThrow(/there is a token named ci already/);
  tokens.revoke('ci');
  tokens.create(wish());
  expect(tokens.list()).toHaveLength(2);
});

test('a damaged file opens nothing and is not written over', () => {
  const { token } = tokens.create(wish());
  writeFileSync(path, '{');
  expect(tokens.identify(token)).toBe('TOKENS_UNREADABLE');
  expect(() => tokens.create(wish({ name: 'b' }))).toThrow(/cannot be read/);
  expect(readFileSync(path, 'utf8')).toBe('{');
});

test('two that change the file at once do not lose each other; a lock that was left behind is taken over', () => {
  writeFileSync(`${path}.lock`, '');
  utimesSync(`${path}.lock`, START / 1_000, START / 1_000);
  expect(() => tokens.create(wish())).toThrow(/somebody else changes/);
  now = START + 11_000;
  expect(tokens.create(wish()).facts.name).toBe('ci');
});
