/** Typed calls to a worker thread, one message each way. */
import { once } from 'node:events';
import type { MessagePort, Worker } from 'node:worker_threads';

type Methods = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;
/** `done` is set by a caller that stands still until the answer is there. */
type Request = { id: number; method: string; args: unknown[]; done?: Int32Array };
type Reply = { id: number; value: unknown } | { id: number; error: string };
/** Asks a thread to end by itself. */
const END = 'end';

/** In the worker: answers calls with these methods. */
export function answerCalls(port: MessagePort, methods: Methods): void {
  port.on('message', (message: Request | typeof END) => {
    if (message === END) return port.close();
    const { id, method, args, done } = message;
    const reply = (message: Reply) => {
      port.postMessage(message);
      if (done === undefined) return;
      Atomics.store(done, 0, 1);
      Atomics.notify(done, 0);
    };
    const run = methods[method] as (...args: unknown[]) => Promise<unknown>;
    run(...args).then(
      (value) => reply({ id, value }),
      (error: Error) => reply({ id, error: error.message }),
    );
  });
}

/** In the main thread: a worker that is started with the first call, and again after it ended. */
export type Thread<M> = {
  call<K extends keyof M & string>(
    method: K,
    ...args: M[K] extends (...args: infer A) => unknown ? A : never
  ): M[K] extends (...args: never[]) => infer R ? R : never;
  /** Calls and stands still until it is answered or `limitMs` are over; for the end of the process only. */
  callAndWait(method: keyof M & string, args: unknown[], limitMs: number): void;
  /** Whether there is a thread: nothing was asked before the first. */
  readonly running: boolean;
  /** Ends the thread; what it has not answered fails. */
  end(): Promise<void>;
};

/** How long a thread may take to end by itself. */
const END_MS = 2_000;

/** A thread that does not answer for so long hangs (a network file system, say) and is replaced. */
const SILENT_MS = 30_000;

type Call = { resolve(value: unknown): void; reject(error: Error): void };

/** `start` makes the worker; it stands at the caller, where the bundler sees which file it is. */
export function createThread<M>(start: () => Worker): Thread<M> {
  let worker: Worker | null = null;
  let calls = new Map<number, Call>();
  let lastCall = 0;

  function startWorker(): Worker {
    const started = start();
    const ended = (why: string) => {
      if (worker !== started) return;
      const unanswered = calls;
      worker = null;
      calls = new Map();
      for (const call of unanswered.values()) call.reject(new Error(why));
    };
    started.on('message', (reply: Reply) => {
      const call = calls.get(reply.id);
      calls.delete(reply.id);
      if (calls.size === 0) started.unref();
      if ('error' in reply) call?.reject(new Error(reply.error));
      else call?.resolve(reply.value);
    });
    started.on('error', (error: Error) => ended(`the storage thread failed: ${error.message}`));
    started.on('exit', () => ended('the storage thread ended'));
    return started;
  }

  function send(method: string, args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      worker ??= startWorker();
      const to = worker;
      lastCall += 1;
      const id = lastCall;
      const timer = setTimeout(() => {
        for (const call of calls.values()) call.reject(new Error(`the storage thread hangs in ${method}`));
        calls = new Map();
        worker = null;
        void to.terminate();
      }, SILENT_MS).unref();
      const settled = <T>(then: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          then(value);
        };
      };
      calls.set(id, { resolve: settled(resolve), reject: settled(reject) });
      to.ref();
      to.postMessage({ id, method, args } satisfies Request);
    });
  }

  return {
    call: ((method: string, ...args: unknown[]) => send(method, args)) as unknown as Thread<M>['call'],
    callAndWait(method, args, limitMs) {
      if (worker === null) return;
      const done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      worker.postMessage({ id: 0, method, args, done } satisfies Request);
      Atomics.wait(done, 0, 0, limitMs);
    },
    get running() {
      return worker !== null;
    },
    async end() {
      const ending = worker;
      if (ending === null) return;
      // Torn down in the middle of its work a thread can take the process with it; one that hangs leaves no choice.
      const exited = once(ending, 'exit', { signal: AbortSignal.timeout(END_MS) });
      ending.ref();
      ending.postMessage(END);
      await exited.catch(() => ending.terminate());
    },
  };
}
