import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { countPlaywright, countReport, countVitest, describeCounts, sum } from './outcomes.ts';

const dir = mkdtempSync(join(tmpdir(), 'outcomes-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const vitest = { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1, testResults: [] };
const playwright = { stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 2 }, errors: [] };

describe('counts', () => {
  it('of vitest include files that did not load', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
    ];
    expect(countVitest({ ...vitest, testResults })).toEqual({ passed: 5, failed: 2, skipped: 3 });
  });

  it('of Playwright include flaky tests and broken files as failures', () => {
    expect(countPlaywright({ ...playwright, errors: [{}] })).toEqual({ passed: 4, failed: 3, skipped: 2 });
  });

  it.each([
    ['a report that is missing', undefined, true, { passed: 0, failed: 1, skipped: 0 }],
    ['a report that is cut off', '{"numPassed', true, { passed: 0, failed: 1, skipped: 0 }],
    [
      'a report of nothing',
      { ...vitest, numPassedTests: 0, numFailedTests: 0 },
      true,
      { passed: 0, failed: 1, skipped: 3 },
    ],
    [
      'a runner that failed after its tests',
      { ...vitest, numFailedTests: 0 },
      false,
      { passed: 5, failed: 1, skipped: 3 },
    ],
    ['a runner that failed because of a test', vitest, false, { passed: 5, failed: 1, skipped: 3 }],
    ['a runner that succeeded', { ...vitest, numFailedTests: 0 }, true, { passed: 5, failed: 0, skipped: 3 }],
  ])('take %s for what it is', (name, report, hasSucceeded, counts) => {
    const file = join(dir, name);
    if (report !== undefined) writeFileSync(file, typeof report === 'string' ? report : JSON.stringify(report));
    expect(countReport('vitest', file, hasSucceeded)).toEqual(counts);
  });

  it('add up, and name skipped tests only where there are some', () => {
    const total = sum([
      { passed: 1, failed: 2, skipped: 0 },
      { passed: 3, failed: 0, skipped: 4 },
    ]);
    expect(describeCounts(total)).toBe('4 passed, 2 failed, 4 skipped');
    expect(describeCounts({ ...total, skipped: 0 })).toBe('4 passed, 2 failed');
  });
});
