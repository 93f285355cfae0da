/**
 * The scheduler: one poller for each probe of each endpoint in the whole process, jittered, with a deadline, never
 * overlapping itself. It turns every outcome into an observation and never throws.
 */
import type { SourceKind } from '#lib/model/reading.ts';
import type { Observation } from '#server/model/observation.ts';
import { probeFailure } from './failure.ts';
import type { Endpoint, Probe, Source } from './source.ts';

export type Scheduler = {
  /** Starts polling endpoints that are not polled yet. */
  watch(source: SourceKind, endpoints: readonly Endpoint[]): void;
  /** Whether an endpoint of this id is already polled. */
  watches(source: SourceKind, endpointId: string): boolean;
  /** Ends all polling, aborts what is under way and closes every endpoint. */
  stop(): void;
};

/** Share of the interval by which a poll may start late, so that pollers do not march in step. */
const JITTER = 0.1;

/** Starts with nothing to poll; `emit` gets every observation. */
export function createScheduler(emit: (observation: Observation) => void, clock: () => number): Scheduler {
  const stopping = new AbortController();
  const watched = new Map<string, Endpoint>();

  async function poll(source: Source['kind'], endpoint: Endpoint, probe: Probe): Promise<void> {
    while (!stopping.signal.aborted) {
      const startedAt = clock();
      const observation = await takeReading(source, endpoint.id, probe, stopping.signal, clock);
      if (stopping.signal.aborted) return;
      emit(observation);
      const jitterMs = Math.random() * JITTER * probe.intervalMs;
      await sleep(Math.max(0, startedAt + probe.intervalMs + jitterMs - clock()), stopping.signal);
    }
  }

  return {
    watch(source, endpoints) {
      for (const endpoint of endpoints) {
        const id = `${source}/${endpoint.id}`;
        if (stopping.signal.aborted || watched.has(id)) continue;
        watched.set(id, endpoint);
        for (const probe of endpoint.probes) void poll(source, endpoint, probe);
      }
    },
    watches: (source, endpointId) => watched.has(`${source}/${endpointId}`),
    stop() {
      stopping.abort();
      for (const endpoint of watched.values()) endpoint.close();
    },
  };
}

/** Asks one probe once, within its deadline. Never throws: a failure is an observation too. */
export async function takeReading(
  source: SourceKind,
  endpoint: string,
  probe: Probe,
  stopping: AbortSignal,
  clock: () => number,
): Promise<Observation> {
  const startedAt = clock();
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(probe.timeoutMs)]);
  const head = () => {
    const at = clock();
    return { source, endpoint, reading: probe.name, intervalMs: probe.intervalMs, at, tookMs: at - startedAt };
  };
  try {
    const { data, via } = await raceAbort(probe.ask(signal), signal);
    return { ...head(), ok: true, data, ...(via === undefined ? {} : { via }) };
  } catch (error) {
    return { ...head(), ok: false, ...probeFailure(error) };
  }
}

/** A client that ignores the signal must not hold up the poller. */
function raceAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function sleep(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const onAbort = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, durationMs);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
