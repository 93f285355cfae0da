/** Counts of test results, from what each runner reports. */
import { readFileSync } from 'node:fs';

/** How many passed, failed, and were skipped. */
export type Counts = { passed: number; failed: number; skipped: number };

/** Nothing counted yet. */
export const NONE: Counts = { passed: 0, failed: 0, skipped: 0 };

/** One thing that passed. */
export const PASSED: Counts = { passed: 1, failed: 0, skipped: 0 };

/** One thing that failed. */
export const FAILED: Counts = { passed: 0, failed: 1, skipped: 0 };

/** Adds counts up. */
export function sum(all: readonly Counts[]): Counts {
  return all.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    NONE,
  );
}

/** Writes counts as the last line of a run. */
export function describeCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

type VitestReport = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
};

type PlaywrightReport = {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  errors: unknown[];
};

/** Reads the report of vitest's JSON reporter. A file that failed without a failed test (it did not load) counts as one. */
export function countVitest(report: VitestReport): Counts {
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Reads the report of Playwright's JSON reporter. What passed only when tried again has failed. */
export function countPlaywright({ stats, errors }: PlaywrightReport): Counts {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped: stats.skipped };
}

/** How a runner's report is read. */
export type Reporter = 'vitest' | 'playwright';

/**
 * The counts of a runner that ended with `succeeded`. A runner that failed counts at least one failure, and so does one
 * that left no report or ran nothing, so that no crash passes for a success.
 */
export function countReport(reporter: Reporter, file: string, succeeded: boolean): Counts {
  const counts = readReport(reporter, file);
  const ranNothing = counts.passed + counts.failed === 0;
  return counts.failed === 0 && (!succeeded || ranNothing) ? { ...counts, failed: 1 } : counts;
}

function readReport(reporter: Reporter, file: string): Counts {
  try {
    const report: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return reporter === 'vitest' ? countVitest(report as VitestReport) : countPlaywright(report as PlaywrightReport);
  } catch {
    return NONE;
  }
}
