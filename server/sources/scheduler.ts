/**
 * The scheduler: one poller for each probe of each endpoint in the whole process, jittered, with a deadline, never
 * overlapping itself, within its source's budget. It turns every outcome into an observation and never throws.
 */
import { OWN_LOAD, type SourceKind } from '#lib/model/reading.ts';
import type { Observation } from '#server/model/observation.ts';
import { probeFailure } from './failure.ts';
import { BURST_MS, type Pace, type PacedProbe, paceOf, politeMs } from './pace.ts';
import type { Answer, Endpoint, Probe, PushReport, Source } from './source.ts';

export type Scheduler = {
  /** Starts polling endpoints that are not polled yet. */
  watch(endpoints: readonly Endpoint[]): void;
  /** Whether an endpoint of this id is already polled. */
  watches(endpointId: string): boolean;
  /** Asks the bursting probes at once, and often for a few seconds. */
  hurry(): void;
  /** Ends all polling, aborts what is under way and closes every endpoint. */
  stop(): void;
};

export type SchedulerClock = { now(): number; random(): number };

/** Share of the interval by which a poll may start late, so that pollers do not march in step. */
const JITTER = 0.1;
/** However often something hurries, a probe is not asked again sooner than this. */
const LEAST_MS = 100;
/** Nudges may come in swarms (a busy broker's events): at most one is heeded in this time. */
const NUDGE_MS = 1_000;
/** How often the load that Trellis itself makes is told. */
const LOAD_INTERVAL_MS = 5_000;
/** Why a sleep ended: nobody reads it, and an error of its own each time would cost a stack. */
const WOKEN = 'woken';

/** A scheduler for one source, with nothing to poll yet; `emit` gets every observation. */
export function createScheduler(
  source: Pick<Source, 'kind' | 'budget' | 'requests'>,
  emit: (observation: Observation) => void,
  clock: SchedulerClock,
): Scheduler {
  const stopping = new AbortController();
  const watched = new Map<string, Endpoint>();
  /** Pollers that sleep and may be woken early. */
  const sleepers = new Set<() => void>();
  let pace: Pace = paceOf([], source.budget);
  let burstUntil = Number.NEGATIVE_INFINITY;
  let nudgedAt = Number.NEGATIVE_INFINITY;
  let urgentAt = Number.NEGATIVE_INFINITY;

  function intervalMs(probe: Probe, last: { tookMs: number; bytes: number }): number {
    const paced = pacedProbe(probe);
    const wanted = paced.bursts && clock.now() < burstUntil ? pace.burstMs(paced) : pace.restMs(paced);
    return Math.max(wanted, politeMs(last));
  }

  async function poll(endpoint: Endpoint, probe: Probe): Promise<void> {
    let last = { tookMs: 0, bytes: 0 };
    while (!stopping.signal.aborted) {
      const startedAt = clock.now();
      const restMs = Math.max(pace.restMs(pacedProbe(probe)), politeMs(last));
      const paced = { ...probe, intervalMs: Math.round(restMs) };
      const observation = await takeReading(source.kind, endpoint.id, paced, stopping.signal, clock.now);
      if (stopping.signal.aborted) return;
      last = observation.ok ? { tookMs: observation.tookMs, bytes: observation.bytes ?? 0 } : { tookMs: 0, bytes: 0 };
      emit(observation);
      await pause(probe, startedAt, last);
    }
  }

  /** Sleeps until the next asking is due; a hurry that comes meanwhile makes it due sooner. */
  async function pause(probe: Probe, startedAt: number, last: { tookMs: number; bytes: number }): Promise<void> {
    const late = 1 + clock.random() * JITTER;
    const due = () => startedAt + Math.max(LEAST_MS, intervalMs(probe, last) * late);
    while (!stopping.signal.aborted && clock.now() < due()) {
      const wake = new AbortController();
      const waker = () => wake.abort(WOKEN);
      if (probe.bursts) sleepers.add(waker);
      await sleep(due() - clock.now(), AbortSignal.any([stopping.signal, wake.signal]));
      sleepers.delete(waker);
      if (wake.signal.aborted) {
        const politely = urgentAt >= startedAt ? 0 : politeMs(last);
        await sleep(startedAt + Math.max(LEAST_MS, politely) - clock.now(), stopping.signal);
        return;
      }
    }
  }

  async function tellLoad(endpoint: Endpoint): Promise<void> {
    while (!stopping.signal.aborted) {
      const at = clock.now();
      const head = { source: source.kind, endpoint: endpoint.id, reading: OWN_LOAD, intervalMs: LOAD_INTERVAL_MS };
      emit({ ...head, at, tookMs: 0, ok: true, data: { requestsPerSecond: source.requests.perSecond(endpoint.id) } });
      await sleep(LOAD_INTERVAL_MS, stopping.signal);
    }
  }

  function wakeAll(): void {
    for (const wake of [...sleepers]) wake();
  }

  function hurry(): void {
    // Something broke: one question must not wait because the last answer was slow. Those that follow are polite again.
    if (clock.now() >= burstUntil) urgentAt = clock.now();
    burstUntil = clock.now() + BURST_MS;
    wakeAll();
  }

  function nudge(): void {
    if (clock.now() - nudgedAt < NUDGE_MS) return;
    nudgedAt = clock.now();
    wakeAll();
  }

  function reportOf(endpoint: Endpoint): PushReport {
    return {
      hurry,
      nudge,
      tell({ name, intervalMs: ms }, outcome) {
        if (stopping.signal.aborted) return;
        const at = clock.now();
        const head = { source: source.kind, endpoint: endpoint.id, reading: name, intervalMs: ms, at, tookMs: 0 };
        if ('error' in outcome) emit({ ...head, ok: false, ...probeFailure(outcome.error) });
        else emit({ ...head, ok: true, ...outcome });
      },
    };
  }

  return {
    watch(endpoints) {
      const fresh = endpoints.filter((endpoint) => !watched.has(endpoint.id) && !stopping.signal.aborted);
      for (const endpoint of fresh) watched.set(endpoint.id, endpoint);
      pace = paceOf(
        [...watched.values()].flatMap((endpoint) => endpoint.probes.map(pacedProbe)),
        source.budget,
      );
      for (const endpoint of fresh) {
        // First: probes that share a subscription's connection wait for it to open.
        endpoint.subscribe?.(reportOf(endpoint), stopping.signal);
        for (const probe of endpoint.probes) void poll(endpoint, probe);
        if (endpoint.id !== 'cluster') void tellLoad(endpoint);
      }
    },
    watches: (endpointId) => watched.has(endpointId),
    hurry,
    stop() {
      stopping.abort();
      for (const endpoint of watched.values()) endpoint.close();
    },
  };
}

function pacedProbe(probe: Probe): PacedProbe {
  return { intervalMs: probe.intervalMs, cost: probe.cost ?? 1, bursts: probe.bursts ?? false };
}

/** Asks one probe once, within its deadline. Never throws: a failure is an observation too. */
export async function takeReading(
  source: SourceKind,
  endpoint: string,
  probe: Pick<Probe, 'name' | 'intervalMs' | 'timeoutMs' | 'ask'>,
  stopping: AbortSignal,
  clock: () => number,
): Promise<Observation> {
  const startedAt = clock();
  const late = new AbortController();
  const signal = AbortSignal.any([stopping, late.signal]);
  // Ended with the reading: a signal of `AbortSignal.timeout` makes its error even when nobody waits any more.
  const deadline = setTimeout(() => late.abort(timedOut(probe.timeoutMs)), probe.timeoutMs);
  const head = () => {
    const at = clock();
    return { source, endpoint, reading: probe.name, intervalMs: probe.intervalMs, at, tookMs: at - startedAt };
  };
  try {
    const { data, ...about } = await raceAbort<Answer>(probe.ask(signal), signal);
    return { ...head(), ok: true, data, ...about };
  } catch (error) {
    return { ...head(), ok: false, ...probeFailure(error) };
  } finally {
    clearTimeout(deadline);
  }
}

/** As `AbortSignal.timeout` would say it. */
function timedOut(limitMs: number): DOMException {
  return new DOMException(`no answer within ${limitMs} ms`, 'TimeoutError');
}

/** A client that ignores the signal must not hold up the poller. */
function raceAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function sleep(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || durationMs <= 0) return resolve();
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
