/** Since when each finding is there, kept over restarts: what lasts since Tuesday did not begin when Trellis was started. */
import type { Model } from '#lib/model/model.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import type { HistoryStore } from './store.ts';

export type OpenFindings = {
  /** Since when (epoch ms) a finding was there before this process; undefined = it was not, or that is over. */
  sinceBefore(id: string): number | undefined;
  /** The findings as they are now; stored soon, and only when they came or went. */
  note(findings: Model['findings']): void;
  /** Stores what is not stored yet: call it before the history ends. */
  stop(): void;
};

/** What is not found again in this time after the start has ended meanwhile. */
export const FORGET_MS = 60_000;
const WRITE_MS = 1_000;
const RETRY_MS = 5_000;

/** Reads what was open, again and again until the store can be read; writes nothing before that. */
export function startOpenFindings(
  store: Pick<HistoryStore, 'openFindings' | 'keepOpenFindings'>,
  clock: TimerClock,
): OpenFindings {
  let before: Readonly<Record<string, number>> = {};
  let noted: Model['findings'] | null = null;
  let kept = '';
  let isRead = false;
  let stopped = false;
  const timers = new Map<string, () => void>();
  const after = (name: string, delayMs: number, run: () => void) => {
    if (!stopped) timers.set(name, clock.after(delayMs, run));
  };

  function read(): void {
    store.openFindings().then(
      (open) => {
        isRead = true;
        before = open;
        later(WRITE_MS);
        after('forget', FORGET_MS, () => {
          before = {};
          later(0);
        });
      },
      () => after('read', RETRY_MS, read),
    );
  }

  function later(delayMs: number): void {
    timers.get('write')?.();
    after('write', delayMs, write);
  }

  function write(): void {
    timers.delete('write');
    if (!isRead || noted === null) return;
    const open = { ...before, ...Object.fromEntries(Object.values(noted).map(({ id, since }) => [id, since])) };
    const text = JSON.stringify(open);
    if (text === kept) return;
    store.keepOpenFindings(open).then(
      () => {
        kept = text;
      },
      () => later(RETRY_MS),
    );
  }

  read();
  return {
    sinceBefore: (id) => (Object.hasOwn(before, id) ? before[id] : undefined),
    note(findings) {
      if (findings === noted) return;
      noted = findings;
      if (!timers.has('write')) later(WRITE_MS);
    },
    stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      write();
    },
  };
}
