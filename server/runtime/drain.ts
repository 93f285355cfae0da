/**
 * Drain: on SIGTERM or SIGINT a drill under way is taken back first, to its end. Only then is everything else closed: streams
 * that stay open would be waited for, for ever. Nobody else ends the process meanwhile: `server/cli` forbids it to Next.
 */
import type { Logger } from 'pino';
import type { TimerClock } from './clock.ts';

export type Draining = {
  /** The drill under way, in words; null = none is. */
  underWay(): string | null;
  /** Calls it off; resolves when it was taken back. Called once, before `stop`, whether there is one or not. */
  takeBack(): Promise<void>;
  /** Ends everything else, at once. */
  stop(): void;
  log: Pick<Logger, 'info' | 'error'>;
  clock: TimerClock;
  /** This process, as much of it as is used. */
  process: { on(signal: (typeof SIGNALS)[number], listener: () => void): unknown; exit(code: number): void };
};

/** Longest time for a drill to be taken back (to start a broker again takes two minutes). */
export const TAKE_BACK_LIMIT_MS = 180_000;
/** Longest time to a clean end after that; a connection that hangs must not hold up a restart. */
const LIMIT_MS = 1_000;
/** Ctrl-C under npm comes twice, from the terminal and from npm: that is one wish. */
const SAME_WISH_MS = 1_000;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Ends the process in good order on the first signal, at once on a second one; with code 1 if a drill was not taken back. */
export function drainOnSignals({ underWay, takeBack, stop, log, clock, process }: Draining): void {
  let askedAt: number | null = null;
  /** The drill that is being taken back, or was given up. */
  let left: string | null = null;

  function exit(): void {
    process.exit(left === null ? 0 : 1);
  }

  function onSignal(): void {
    const now = clock.now();
    if (askedAt === null) {
      askedAt = now;
      void drain();
    } else if (now - askedAt >= SAME_WISH_MS) {
      if (left !== null) log.error({ drill: left }, 'ended by a second signal: the drill is left half taken back');
      exit();
    }
  }

  async function drain(): Promise<void> {
    left = underWay();
    const taken = takeBack()
      .catch(({ message }: Error) => log.error({ message }, 'drills'))
      .then(() => {
        left = null;
      });
    // Without a drill nothing is waited for, not even this turn.
    if (left !== null) await takenOrLate(taken, left);
    try {
      stop();
    } finally {
      clock.after(LIMIT_MS, exit);
    }
  }

  async function takenOrLate(taken: Promise<void>, drill: string): Promise<void> {
    log.info(
      { drill, limitSeconds: TAKE_BACK_LIMIT_MS / 1_000 },
      'the end waits until the drill under way is taken back; a second signal does not wait',
    );
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(TAKE_BACK_LIMIT_MS, () => {
        log.error({ drill }, 'waited in vain: the drill is left half taken back');
        resolve();
      });
    });
    await Promise.race([taken, late]);
    cancel();
  }

  for (const signal of SIGNALS) process.on(signal, onSignal);
}

/** A clock whose timers do not keep the process alive: once everything is closed it ends by itself. */
export function idleClock(): TimerClock {
  return {
    now: () => Date.now(),
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs).unref();
      return () => clearTimeout(timer);
    },
  };
}
