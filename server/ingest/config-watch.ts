/**
 * Asks each worker process for its set-up: once when it is new, and hourly. Only where there are credentials to ask with, and
 * a few at a time: an answer is some ten kilobytes.
 */
import type { WorkerConfig } from '#lib/model/worker-config.ts';
import { pidboxError } from '#server/celery/pidbox.ts';
import { workerConfigOf } from '#server/celery/worker-config.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import type { WorkerReport } from './workers.ts';

/** Each worker is asked so often. */
export const CONFIGS_INTERVAL_MS = 3_600_000;
export type ConfigsPayload = readonly Omit<WorkerConfig, 'by'>[];

export type ConfigWatchOptions = {
  /** Asks workers, as `CeleryControl.inspect`. @throws when they cannot be reached */
  inspect(
    method: 'conf' | 'stats',
    options: { workers: readonly string[]; arguments?: Readonly<Record<string, unknown>>; timeoutMs: number },
  ): Promise<Readonly<Record<string, unknown>>>;
  /** The workers by their heartbeats. */
  workers(): readonly Pick<WorkerReport, 'id' | 'pid' | 'state' | 'software'>[];
  clock: TimerClock;
};

export type ConfigWatch = {
  /** Calls back with all set-ups that are known, now and whenever one changes; returns what ends it. */
  listen(listener: (configs: ConfigsPayload) => void): () => void;
  stop(): void;
};

const LOOK_MS = 5_000;
const ANSWER_MS = 5_000;
/** A worker that did not answer is not asked again sooner. */
const RETRY_MS = 60_000;
const AT_ONCE = 20;

type Asked = { pid: number | null; nextAt: number };

/** Begins to look after the first interval. */
export function startConfigWatch({ inspect, workers, clock }: ConfigWatchOptions): ConfigWatch {
  const listeners = new Set<(configs: ConfigsPayload) => void>();
  const asked = new Map<string, Asked>();
  let known = new Map<string, ConfigsPayload[number]>();
  let cancel = () => {};
  let isStopped = false;

  function dueOf(now: number) {
    const due = workers().filter(({ id, pid, state }) => {
      const last = asked.get(id);
      return state === 'online' && (last === undefined || last.pid !== pid || last.nextAt <= now);
    });
    return due.slice(0, AT_ONCE);
  }

  /** Workers whose names are gone are forgotten. */
  function forget(): boolean {
    const ids = new Set(workers().map(({ id }) => id));
    for (const id of asked.keys()) if (!ids.has(id)) asked.delete(id);
    const kept = new Map([...known].filter(([id]) => ids.has(id)));
    const isChanged = kept.size !== known.size;
    known = kept;
    return isChanged;
  }

  async function ask(): Promise<boolean> {
    const due = dueOf(clock.now());
    if (due.length === 0) return false;
    for (const { id, pid } of due) asked.set(id, { pid, nextAt: clock.now() + RETRY_MS });
    const options = { workers: due.map(({ id }) => id), timeoutMs: ANSWER_MS };
    const [confs, stats] = await Promise.all([
      inspect('conf', { ...options, arguments: { with_defaults: true } }),
      inspect('stats', options),
    ]);
    let isChanged = false;
    for (const { id, pid, software } of due) {
      const conf = Object.hasOwn(confs, id) ? confs[id] : undefined;
      if (conf === undefined || pidboxError(conf) !== null) continue;
      const state = Object.hasOwn(stats, id) ? stats[id] : undefined;
      const told = workerConfigOf({ id, software, askedAt: clock.now() }, conf, state);
      known.set(id, { ...told, pid: told.pid ?? pid });
      asked.set(id, { pid, nextAt: clock.now() + CONFIGS_INTERVAL_MS });
      isChanged = true;
    }
    return isChanged;
  }

  async function look(): Promise<void> {
    const isForgotten = forget();
    // A broker that cannot be reached is told elsewhere; the workers are asked again later.
    const isChanged = await ask().catch(() => false);
    if (isStopped) return;
    if (isForgotten || isChanged) for (const listener of listeners) listener([...known.values()]);
    next();
  }

  function next(): void {
    cancel = clock.after(LOOK_MS, () => void look());
  }

  next();
  return {
    listen(listener) {
      listeners.add(listener);
      if (known.size > 0) listener([...known.values()]);
      return () => void listeners.delete(listener);
    },
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
