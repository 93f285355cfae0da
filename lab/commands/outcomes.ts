/** Counts of test results, from what each runner reports. */
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** How many passed, failed, and were skipped. */
export type Counts = { passed: number; failed: number; skipped: number };

/** Nothing counted yet. */
export const NONE: Counts = { passed: 0, failed: 0, skipped: 0 };

/** One thing that passed. */
export const PASSED: Counts = { passed: 1, failed: 0, skipped: 0 };

/** One thing that failed. */
export const FAILED: Counts = { passed: 0, failed: 1, skipped: 0 };

/** Room for the difference of two small values. */
const REASON_LINES = 20;

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

type VitestReport = { testResults: VitestFile[] };

type VitestFile = {
  name: string;
  status: string;
  message: string;
  assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
};

type PlaywrightReport = {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  errors: { message?: string }[];
  suites: PlaywrightSuite[];
};

type PlaywrightSuite = {
  suites?: PlaywrightSuite[];
  specs: { title: string; file: string; tests: { status: string; results: { error?: { message?: string } }[] }[] }[];
};

/** Reads the report of vitest's JSON reporter. A file that failed without a failed test (it did not load) counts as one. */
function countVitest({ testResults }: VitestReport): Counts {
  const ends = testResults.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const passed = ends.filter((status) => status === 'passed').length;
  const failed = ends.filter((status) => status === 'failed').length;
  return {
    passed,
    failed: failed + testResults.filter(isBroken).length,
    skipped: ends.length - passed - failed,
  };
}

/** True of a file that failed while none of its tests did: it did not load, a hook threw, or its process crashed. */
function isBroken({ status, assertionResults }: VitestFile): boolean {
  return status === 'failed' && !assertionResults.some((result) => result.status === 'failed');
}

/** The files whose process ended before their tests did, from the report of vitest's JSON reporter. */
export function crashedFiles(file: string): string[] {
  return testFilesOf(file)
    .filter(
      (each) =>
        isBroken(each) &&
        each.message === '' &&
        (each.assertionResults.length === 0 || each.assertionResults.some(({ status }) => status === 'pending')),
    )
    .map(({ name }) => name);
}

/** Puts what `again` reports of some files in the place of what `file` reported of them. */
export function mergeReports(file: string, again: string): void {
  const second = testFilesOf(again);
  const first = testFilesOf(file).filter(({ name }) => second.every((each) => each.name !== name));
  writeFileSync(file, JSON.stringify({ testResults: [...first, ...second] } satisfies VitestReport));
}

function testFilesOf(file: string): VitestFile[] {
  return readerOf((report: VitestReport) => report.testResults)(file) ?? [];
}

function namesOfVitest({ testResults }: VitestReport): string[] {
  return testResults.flatMap((file) => [
    ...(isBroken(file) ? [named(file.name, 'the file did not end well', file.message)] : []),
    ...file.assertionResults
      .filter(({ status }) => status !== 'passed')
      .map((test) => named(file.name, `${test.fullName} (${test.status})`, test.failureMessages[0])),
  ]);
}

function namesOfPlaywright({ errors, suites }: PlaywrightReport): string[] {
  const specsOf = (suite: PlaywrightSuite): PlaywrightSuite['specs'] => [
    ...suite.specs,
    ...(suite.suites ?? []).flatMap(specsOf),
  ];
  return [
    ...errors.map(({ message }) => named('e2e', 'outside of any test', message)),
    ...suites
      .flatMap(specsOf)
      .flatMap(({ title, file, tests }) =>
        tests
          .filter(({ status }) => status !== 'expected')
          .map(({ status, results }) =>
            named(file, `${title} (${status})`, results.findLast(({ error }) => error)?.error?.message),
          ),
      ),
  ];
}

/** The reason without its stack, its first lines only: what was expected and what came instead. */
function named(file: string, what: string, why: string | undefined): string {
  const lines = stripVTControlCharacters(why ?? '').split('\n');
  const stack = lines.findIndex((line) => /^\s*at /.test(line));
  const [first = '', ...rest] = (stack === -1 ? lines : lines.slice(0, stack)).filter((line) => line.trim() !== '');
  const reason = [first, ...rest.slice(0, REASON_LINES - 1).map((line) => `    ${line}`)].join('\n');
  return `${relative(process.cwd(), file)}: ${what}${reason === '' ? '' : `: ${reason}`}`;
}

/** Reads the report of Playwright's JSON reporter. What passed only when tried again has failed. */
function countPlaywright({ stats, errors }: PlaywrightReport): Counts {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped: stats.skipped };
}

/** How a runner's report is read. */
export type Reporter = 'vitest' | 'playwright';

/**
 * The counts of a runner that ended with `succeeded`. A runner that failed counts at least one failure, and so does one
 * that left no report or ran nothing, so that no crash passes for a success.
 */
export function countReport(reporter: Reporter, file: string, succeeded: boolean): Counts {
  const counts = READERS[reporter](file)?.counts ?? NONE;
  const ranNothing = counts.passed + counts.failed === 0;
  return counts.failed === 0 && (!succeeded || ranNothing) ? { ...counts, failed: 1 } : counts;
}

/** What did not pass, a line each: the file, the test and how it ended, and the first line of why. */
export function namesOfUnpassed(reporter: Reporter, file: string): string[] {
  return READERS[reporter](file)?.unpassed ?? [];
}

const READERS = {
  vitest: readerOf((report: VitestReport) => ({ counts: countVitest(report), unpassed: namesOfVitest(report) })),
  playwright: readerOf((report: PlaywrightReport) => ({
    counts: countPlaywright(report),
    unpassed: namesOfPlaywright(report),
  })),
};

/** What reads a file; undefined where there is none, or it was cut off. */
function readerOf<R, T>(read: (report: R) => T): (file: string) => T | undefined {
  return (file) => {
    try {
      return read(JSON.parse(readFileSync(file, 'utf8')) as R);
    } catch {
      return undefined;
    }
  };
}
