import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildWith, isBuildNeeded } from './build.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'build-'));
  mkdirSync(join(root, 'lib/fixtures'), { recursive: true });
  writeFileSync(join(root, 'lib/a.ts'), '1');
  writeFileSync(join(root, 'package.json'), '{}');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function build(hasSucceeded = true): Promise<void> {
  await buildWith(root, async () => {
    mkdirSync(join(root, '.next/standalone'), { recursive: true });
    writeFileSync(join(root, '.next/standalone/server.js'), '');
    return hasSucceeded;
  });
}

describe('a build', () => {
  it('is needed once, and again when an input changes', async () => {
    expect(isBuildNeeded(root)).toBe(true);
    await build();
    expect(isBuildNeeded(root)).toBe(false);
    for (const change of [
      () => writeFileSync(join(root, 'lib/a.ts'), '2'),
      () => writeFileSync(join(root, 'lib/b.ts'), ''),
      () => rmSync(join(root, 'lib/b.ts')),
      () => writeFileSync(join(root, 'package.json'), '{"a":1}'),
      () => writeFileSync(join(root, 'proxy.ts'), ''),
      () => rmSync(join(root, '.next/standalone/server.js')),
    ]) {
      change();
      expect(isBuildNeeded(root)).toBe(true);
      await build();
      expect(isBuildNeeded(root)).toBe(false);
    }
  });

  it('is not needed for tests and recordings', async () => {
    await build();
    writeFileSync(join(root, 'lib/a.test.ts'), '');
    writeFileSync(join(root, 'lib/fixtures/a.json'), '');
    writeFileSync(join(root, 'README.md'), '');
    expect(isBuildNeeded(root)).toBe(false);
  });

  it('that failed is needed again, also where an older one is there', async () => {
    await build();
    await build(false);
    expect(isBuildNeeded(root)).toBe(true);
  });
});
