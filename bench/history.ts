/** The store of tasks by itself: what writing costs, how fast questions are answered, and whom clean-up stalls. */
import type { Bench } from './bench.ts';
import { measureHistory } from './micro/history.ts';
import { quantile, type Result, single } from './report.ts';

const LIMITS = { cpuUs: 12, residentMb: 300, stallMs: 50 } as const;

/** `npm run bench -- history [--large]`: with so many tasks; any question's p95 within `queryMs`. */
export function historyBench(tasks: number, queryMs: number): Bench {
  return {
    title: `The store of tasks with ${tasks} tasks`,
    run: async ({ say }) => {
      const { filled, mergeUs, questions, residentMb, cleaned, readsWhileCleaning, mainStallMs } = await measureHistory(
        tasks,
        say,
      );
      const perEventUs = filled.cpuUs / filled.events;
      // The limit for memory is set for a million tasks; with more the number is for information.
      const memoryTarget = tasks <= 1_000_000 ? LIMITS.residentMb : null;
      return [
        single('events stored', filled.events / (filled.wallMs / 1_000), '1/s', null),
        single('CPU per event', perEventUs, 'µs', null, 'the writing thread'),
        single(
          'CPU per event besides merge',
          perEventUs - mergeUs,
          'µs',
          LIMITS.cpuUs,
          'decode, merge, encode taken off',
        ),
        single('longest write', filled.longestMs, 'ms', null, '2,000 events'),
        single('on disk per task', filled.bytes / filled.tasks, 'bytes', null),
        single('memory', residentMb, 'MB', memoryTarget, 'whole process, both threads'),
        ...questions.map(({ name, tookMs }) => ofQuestion(name, tookMs, queryMs)),
        single('clean-up: longest slice', cleaned.longestMs, 'ms', LIMITS.stallMs, `${cleaned.deleted} tasks deleted`),
        single('clean-up: slowest read', Math.max(...readsWhileCleaning), 'ms', LIMITS.stallMs),
        single('clean-up: main thread stood still', mainStallMs, 'ms', LIMITS.stallMs),
      ];
    },
  };
}

function ofQuestion(name: string, tookMs: readonly number[], limitMs: number): Result {
  const p95 = single(name, quantile(tookMs, 0.95), 'ms', limitMs, 'p95');
  return { ...p95, median: quantile(tookMs, 0.5), count: tookMs.length };
}
