/**
 * Whether events come without delay: only then does the silence of a worker mean anything. Pure.
 * A consumer may be connected and see nothing, while the queue elects a leader or a backlog is worked off.
 */

export type Sight = {
  /** The consumer is there; so many messages waited for it. */
  opened(waiting: number, now: number): void;
  /** The consumer is gone, or nothing more can be stored. */
  lost(): void;
  /** What waits in the queue by the broker's answer; null = it did not answer. */
  told(waiting: number | null, now: number): void;
  /** Since when (epoch ms); null = they do not. */
  readonly since: number | null;
};

/** Less than this is on its way, not behind. */
const BEHIND_MESSAGES = 1_000;

/** Blind at first. */
export function createSight(): Sight {
  let isOpen = false;
  let since: number | null = null;
  const see = (waiting: number, now: number) => {
    since = waiting > BEHIND_MESSAGES ? null : (since ?? now);
  };
  return {
    opened(waiting, now) {
      isOpen = true;
      since = null;
      // A backlog of any size is older than the consumer: the next answer of the broker tells when it is worked off.
      if (waiting === 0) see(waiting, now);
    },
    lost() {
      isOpen = false;
      since = null;
    },
    told(waiting, now) {
      if (!isOpen) return;
      if (waiting === null) since = null;
      else see(waiting, now);
    },
    get since() {
      return since;
    },
  };
}
