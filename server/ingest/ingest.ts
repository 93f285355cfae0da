/** The ingest thread as the main thread holds it: started, listened to, started again after a crash, and ended in time. */
import { Worker } from 'node:worker_threads';
import type { CanaryEvent } from '#server/drills/canary.ts';
import type { MetricFamily } from '#server/observability/exposition.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { createBackOff } from './back-off.ts';
import type { FromIngest, IngestOptions, IngestReport, ToIngest } from './report.ts';
import type { ResultNode } from './result-reader.ts';

export type IngestListener = {
  onReport(report: IngestReport): void;
  /** The thread ended by itself; it will be started again. */
  onFailure(message: string): void;
  /** Events of Trellis's own canaries, as they came in. */
  onCanaries?(events: readonly CanaryEvent[]): void;
};

/** The intake of Celery's events. */
export type Ingest = {
  /** Adds a listener, which hears the newest report or failure at once; returns what removes it. */
  listen(listener: IngestListener): () => void;
  /** The newest report; null = there was none yet. */
  readonly report: IngestReport | null;
  /** The Redis nodes that keep results now, by the model. */
  setResultNodes(nodes: readonly ResultNode[]): void;
  /** Counters of tasks since the thread began. @throws Error when it does not answer */
  metrics(): Promise<readonly MetricFamily[]>;
  /** Begins the end: what has come is stored and acknowledged. */
  stop(): void;
  /** Stands still until the end that `stop` began is there, or `limitMs` are over; for the end of the process only. */
  waitStopped(limitMs: number): void;
};

/** The thread, as much of it as is used. */
export type IngestThread = {
  postMessage(message: ToIngest): void;
  on(event: 'message', listener: (message: FromIngest) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: () => void): unknown;
};

export type IngestHandleOptions = {
  options: IngestOptions;
  clock: TimerClock;
  /** 0 to 1. */
  random(): number;
  /** For the log. */
  onProblem(message: string): void;
  /** Starts a thread; a real one unless told. */
  start?(options: IngestOptions): IngestThread;
};

// As for the other threads: node:sqlite's youth needs no warning, and this process's own options are not meant for them.
const EXEC_ARGV = ['--disable-warning=ExperimentalWarning'];
const METRICS_LIMIT_MS = 2_000;

/** Starts the thread at once. */
export function startIngest(handle: IngestHandleOptions): Ingest {
  const { clock, onProblem, start = startThread } = handle;
  const listeners = new Set<IngestListener>();
  const backOff = createBackOff(handle.random);
  const asked = new Map<number, (snapshot: readonly MetricFamily[]) => void>();
  let thread: IngestThread | null = null;
  let report: IngestReport | null = null;
  let failure: string | null = null;
  let nodes: readonly ResultNode[] | null = null;
  let lastAsked = 0;
  let done: Int32Array | null = null;
  let cancelRestart = () => {};

  function begin(): void {
    const started = start({ ...handle.options, carried: report?.ingest ?? null });
    let cause = 'the ingest thread ended';
    thread = started;
    started.on('message', (message) => {
      if (thread === started) receive(message);
    });
    started.on('error', (error) => {
      cause = `the ingest thread failed: ${error.message}`;
    });
    started.on('exit', () => {
      if (thread !== started) return;
      thread = null;
      if (done !== null) return;
      failure = cause;
      onProblem(cause);
      for (const listener of listeners) listener.onFailure(cause);
      cancelRestart = clock.after(backOff.next(), begin);
    });
    if (nodes !== null) started.postMessage({ kind: 'nodes', nodes });
  }

  function receive(message: FromIngest): void {
    switch (message.kind) {
      case 'canaries':
        for (const listener of listeners) listener.onCanaries?.(message.events);
        break;
      case 'problem':
        onProblem(message.message);
        break;
      case 'metrics':
        asked.get(message.id)?.(message.snapshot);
        break;
      case 'report':
        report = message.report;
        failure = null;
        if (report.ingest.state === 'consuming') backOff.reset();
        for (const listener of listeners) listener.onReport(report);
    }
  }

  begin();
  return {
    listen(listener) {
      listeners.add(listener);
      if (failure !== null) listener.onFailure(failure);
      // Its seconds were told to those who listened then.
      else if (report !== null) listener.onReport({ ...report, seconds: [], changed: 0 });
      return () => void listeners.delete(listener);
    },
    get report() {
      return report;
    },
    setResultNodes(told) {
      nodes = told;
      thread?.postMessage({ kind: 'nodes', nodes: told });
    },
    metrics() {
      const to = thread;
      if (to === null) return Promise.reject(new Error(failure ?? 'the ingest thread does not run'));
      lastAsked += 1;
      const id = lastAsked;
      return new Promise((resolve, reject) => {
        const cancel = clock.after(METRICS_LIMIT_MS, () => {
          asked.delete(id);
          reject(new Error('the ingest thread does not answer'));
        });
        asked.set(id, (snapshot) => {
          asked.delete(id);
          cancel();
          resolve(snapshot);
        });
        to.postMessage({ kind: 'metrics', id });
      });
    },
    stop() {
      if (done !== null) return;
      cancelRestart();
      done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      thread?.postMessage({ kind: 'stop', done });
    },
    waitStopped(limitMs) {
      if (done !== null && thread !== null) Atomics.wait(done, 0, 0, limitMs);
    },
  };
}

function startThread(options: IngestOptions): IngestThread {
  return new Worker(new URL('./ingest.worker.ts', import.meta.url), {
    workerData: options,
    execArgv: EXEC_ARGV,
    // A larger young generation makes the thread take 200 MB more, and no faster.
    resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 },
  });
}
