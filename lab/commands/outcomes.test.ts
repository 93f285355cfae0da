import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { countReport, describeCounts, namesOfUnpassed, sum } from './outcomes.ts';

const dir = mkdtempSync(join(tmpdir(), 'outcomes-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** The report of a file whose tests ended so. */
function vitest(...ends: string[]) {
  const assertionResults = ends.map((status, i) => ({ fullName: `test ${i}`, status, failureMessages: [] }));
  const status = ends.includes('failed') ? 'failed' : 'passed';
  return { testResults: [{ name: 'a.test.ts', status, message: '', assertionResults }] };
}

function written(name: string, report: unknown): string {
  const file = join(dir, name);
  writeFileSync(file, typeof report === 'string' ? report : JSON.stringify(report));
  return file;
}

const failed = {
  vitest: written('vitest.json', {
    testResults: [
      {
        name: join(process.cwd(), 'a.test.ts'),
        status: 'failed',
        message: 'crashed',
        assertionResults: [
          { fullName: 'x holds', status: 'passed', failureMessages: [] },
          { fullName: 'y holds', status: 'pending', failureMessages: [] },
        ],
      },
      {
        name: join(process.cwd(), 'b.test.ts'),
        status: 'failed',
        message: '',
        assertionResults: [
          { fullName: 'z holds', status: 'failed', failureMessages: ['\u001b[31m1 is not 2\u001b[39m\n at b'] },
        ],
      },
      {
        name: join(process.cwd(), 'c.test.ts'),
        status: 'passed',
        message: '',
        assertionResults: [{ fullName: 'w holds', status: 'passed', failureMessages: [] }],
      },
    ],
  }),
  playwright: written('playwright.json', {
    stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 2 },
    errors: [{ message: 'no browser' }],
    suites: [
      {
        specs: [{ title: 'opens', file: 'd.spec.ts', tests: [{ status: 'expected', results: [{}] }] }],
        suites: [
          {
            specs: [
              {
                title: 'closes',
                file: 'd.spec.ts',
                tests: [{ status: 'flaky', results: [{ error: { message: 'not equal\n\n+ 1\n    at d' } }, {}] }],
              },
            ],
          },
        ],
      },
    ],
  }),
};

describe('counts', () => {
  it('of vitest include files that did not load', () => {
    expect(countReport('vitest', failed.vitest, false)).toEqual({ passed: 2, failed: 2, skipped: 1 });
  });

  it('of Playwright include flaky tests and broken files as failures', () => {
    expect(countReport('playwright', failed.playwright, false)).toEqual({ passed: 4, failed: 3, skipped: 2 });
  });

  it('come with the name of everything that did not pass, and with why', () => {
    expect(namesOfUnpassed('vitest', failed.vitest)).toEqual([
      'a.test.ts: the file did not end well: crashed',
      'a.test.ts: y holds (pending)',
      'b.test.ts: z holds (failed): 1 is not 2',
    ]);
    expect(namesOfUnpassed('playwright', failed.playwright)).toEqual([
      'e2e: outside of any test: no browser',
      'd.spec.ts: closes (flaky): not equal\n    + 1',
    ]);
    expect(namesOfUnpassed('vitest', join(dir, 'no such file'))).toEqual([]);
  });

  it.each([
    ['a report that is missing', undefined, true, { passed: 0, failed: 1, skipped: 0 }],
    ['a report that is cut off', '{"testResults', true, { passed: 0, failed: 1, skipped: 0 }],
    ['a report of nothing', vitest('skipped'), true, { passed: 0, failed: 1, skipped: 1 }],
    ['a runner that failed after its tests', vitest('passed', 'todo'), false, { passed: 1, failed: 1, skipped: 1 }],
    ['a runner that failed because of a test', vitest('passed', 'failed'), false, { passed: 1, failed: 1, skipped: 0 }],
    ['a runner that succeeded', vitest('passed', 'skipped'), true, { passed: 1, failed: 0, skipped: 1 }],
  ])('take %s for what it is', (name, report, hasSucceeded, counts) => {
    const file = report === undefined ? join(dir, name) : written(name, report);
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
