/** Who knows of which finding: kept in the history's store, held here so that judging never waits for a disk. */
import type { Acknowledgement } from '#lib/model/finding.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import type { HistoryStore } from './store.ts';

export type Acknowledgements = {
  /** By the id of the finding; an expired one may be among them. */
  readonly current: ReadonlyMap<string, Acknowledgement>;
  /** Keeps one (null withdraws it); it counts once it is durable. @throws Error with code HISTORY_UNAVAILABLE */
  set(finding: string, acknowledgement: Acknowledgement | null): Promise<void>;
  stop(): void;
};

const RETRY_MS = 5_000;

/** Reads what was kept, again and again until the store can be read. */
export function startAcknowledgements(
  store: Pick<HistoryStore, 'acknowledgements' | 'acknowledge'>,
  clock: TimerClock,
): Acknowledgements {
  const current = new Map<string, Acknowledgement>();
  /** Changed by this process before the store could be read. */
  const changed = new Set<string>();
  let cancelRetry = () => {};
  let stopped = false;

  function read(): void {
    store.acknowledgements().then(
      (kept) => {
        for (const [finding, one] of Object.entries(kept)) if (!changed.has(finding)) current.set(finding, one);
      },
      () => {
        if (!stopped) cancelRetry = clock.after(RETRY_MS, read);
      },
    );
  }

  read();
  return {
    current,
    async set(finding, acknowledgement) {
      try {
        await store.acknowledge(finding, acknowledgement);
      } catch (error) {
        throw Object.assign(new Error((error as Error).message), { code: 'HISTORY_UNAVAILABLE' });
      }
      changed.add(finding);
      if (acknowledgement === null) current.delete(finding);
      else current.set(finding, acknowledgement);
    },
    stop() {
      stopped = true;
      cancelRetry();
    },
  };
}
