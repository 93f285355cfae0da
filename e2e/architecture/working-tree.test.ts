import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeViolation, SCANS, scanTree } from './scans.ts';
import { readTree } from './tree.ts';

const files = readTree(join(import.meta.dirname, '..', '..'));
// The plantings quote what the scans look for.
const violations = scanTree(files.filter(({ path }) => path !== 'e2e/architecture/planted-scans.ts'));

describe('the working tree', () => {
  it('has been read', () => {
    expect(files.map(({ path }) => path)).toContain('package.json');
  });

  it.each(Object.keys(SCANS))('%s', (rule) => {
    expect(violations.filter((violation) => violation.rule === rule).map(describeViolation)).toEqual([]);
  });
});
