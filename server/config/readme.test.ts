/** What the README says to write is what Trellis takes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { proxiesWithSocket } from './acting.ts';
import { loadConfig } from './load.ts';

const dir = mkdtempSync(join(tmpdir(), 'trellis-readme-'));
afterAll(() => rmSync(dir, { recursive: true }));

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const blocks = [...readme.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);

/** All blocks as one file; a section that stands twice counts as it stands last. Secrets are in the environment here. */
function written(): string {
  const all = Object.assign({}, ...blocks.map((text) => parse(text)));
  const secrets = (_key: string, value: unknown) =>
    typeof value === 'object' && value !== null && ('file' in value || 'env' in value) ? { env: 'SECRET' } : value;
  const path = join(dir, 'trellis.yaml');
  writeFileSync(path, stringify(JSON.parse(JSON.stringify(all, secrets))));
  return path;
}

test('every section of the README’s configuration is taken, and means what the README says', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(5);
  const config = loadConfig(written(), { SECRET: 'secret' });
  expect(config.readOnly).toBe(true);
  expect(Object.keys(config.drills.executor.command)).toEqual(['brokerNodes', 'workers']);
  expect(config.drills.freeze).toHaveLength(1);
  expect(config.acting?.redis.results).toMatchObject({ user: 'trellis-act', password: 'secret' });
  expect(proxiesWithSocket(config)).toEqual(['haproxy-web-1']);
});
