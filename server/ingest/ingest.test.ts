import { expect, test } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { type IngestThread, startIngest } from './ingest.ts';
import type { FromIngest, IngestOptions, IngestReport, ToIngest } from './report.ts';

const OPTIONS: IngestOptions = {
  ...{ path: 'tasks.db', addresses: [], suffix: 'me', acting: null, enable: false, results: null, carried: null },
  login: { user: 'u', password: 'p', vhost: '/' },
  queue: { queue: 'trellis.events', exchange: 'celeryev', maxBytes: 1, mode: 'auto' },
  retention: { maxAgeMs: 1, maxRows: 1, maxBytes: 1 },
};

function report(received: number, state: IngestReport['ingest']['state'] = 'consuming'): IngestReport {
  return {
    ...{ at: 0, workers: [], seconds: [{ at: 0 } as never], changed: 3 },
    ingest: {
      ...{ id: 'trellis.events', mode: 'quorum', modeReason: null, canLose: '', state, since: 0, via: 'a:1' },
      ...{ problem: null, received, rejected: {}, redelivered: 0, skewed: 0, pending: 0, lagMessages: 0, lagMs: 0 },
      ...{ eventsPerSecond: 0, missedTasks: 0, backfilled: 0, orphaned: 0 },
    },
  };
}

/** A thread that does what the test says. */
function thread() {
  const listeners = { message: [] as never[], error: [] as never[], exit: [] as never[] };
  const posted: ToIngest[] = [];
  const fire = (event: keyof typeof listeners, value?: unknown) => {
    for (const listener of listeners[event]) (listener as (value: unknown) => void)(value);
  };
  const made: IngestThread = {
    postMessage: (message) => posted.push(message),
    on: ((event: keyof typeof listeners, listener: never) => listeners[event].push(listener)) as IngestThread['on'],
  };
  return { made, posted, say: (message: FromIngest) => fire('message', message), fire };
}

function setUp() {
  const clock = manualClock();
  const threads: (ReturnType<typeof thread> & { options: IngestOptions })[] = [];
  const problems: string[] = [];
  const ingest = startIngest({
    ...{ options: OPTIONS, clock, random: () => 0 },
    onProblem: (message) => problems.push(message),
    start(options) {
      const one = { ...thread(), options };
      threads.push(one);
      return one.made;
    },
  });
  const crash = (message: string) => {
    threads.at(-1)?.fire('error', new Error(message));
    threads.at(-1)?.fire('exit');
  };
  return { clock, threads, problems, ingest, crash, last: () => threads.at(-1) as (typeof threads)[number] };
}

test('who listens hears every report, and at once the newest, but no second of throughput twice', () => {
  const { ingest, last } = setUp();
  last().say({ kind: 'report', report: report(1) });
  const heard: IngestReport[] = [];
  const unlisten = ingest.listen({ onReport: (one) => heard.push(one), onFailure: () => undefined });
  last().say({ kind: 'report', report: report(2) });
  unlisten();
  last().say({ kind: 'report', report: report(3) });
  expect(heard.map(({ ingest: { received }, seconds }) => [received, seconds.length])).toEqual([
    [1, 0],
    [2, 1],
  ]);
});

test('a thread that crashes is told of, and started again with its counts and its nodes, ever later', () => {
  const { clock, threads, ingest, crash, last, problems } = setUp();
  ingest.setResultNodes([{ address: 'r:1', role: 'master', up: true }]);
  last().say({ kind: 'report', report: report(41) });
  const failures: string[] = [];
  ingest.listen({ onReport: () => undefined, onFailure: (message) => failures.push(message) });
  crash('out of memory');
  expect(failures).toEqual(['the ingest thread failed: out of memory']);
  expect(problems).toEqual(failures);
  clock.advance(499);
  expect(threads).toHaveLength(1);
  clock.advance(1);
  expect(last().options.carried).toMatchObject({ received: 41 });
  expect(last().posted).toMatchObject([{ kind: 'nodes', nodes: [{ address: 'r:1' }] }]);
  for (let i = 0; i < 10; i += 1) {
    crash('again');
    clock.advance(15_000);
  }
  expect(threads).toHaveLength(12);
});

test('after stop nothing is started again', () => {
  const { clock, threads, ingest, last } = setUp();
  ingest.stop();
  last().fire('exit');
  clock.advance(60_000);
  expect(threads).toHaveLength(1);
  ingest.waitStopped(0);
});

test('the end is waited for until the thread says that it is done, and no longer than allowed', () => {
  const { ingest, last } = setUp();
  ingest.stop();
  const [message] = last().posted;
  if (message?.kind !== 'stop') throw new Error('it was not told to stop');
  const startedAt = performance.now();
  ingest.waitStopped(50);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(45);
  Atomics.store(message.done, 0, 1);
  const doneAt = performance.now();
  ingest.waitStopped(5_000);
  expect(performance.now() - doneAt).toBeLessThan(1_000);
});

test('metrics are answered by the thread that was asked, or fail in time', async () => {
  const { clock, ingest, last } = setUp();
  const first = ingest.metrics();
  last().say({ kind: 'metrics', id: 1, snapshot: [] });
  expect(await first).toEqual([]);
  const second = ingest.metrics();
  clock.advance(2_000);
  await expect(second).rejects.toThrow('does not answer');
});
