/**
 * Keeps one connection to one of several addresses, whichever answers, and passes on what comes over it. A loss is
 * answered at once at the next address; only after a whole round without success it waits.
 */
import type { BrokerAddress } from '#server/amqp/addresses.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { createBackOff } from './back-off.ts';
import type { DeclaredQueue } from './queue.ts';

/** One message. */
export type Delivery = {
  body: Uint8Array;
  /** The broker's number of it on this link. */
  tag: number;
  redelivered: boolean;
  /** Its place in a stream; null in a queue. */
  offset: number | null;
};

/** An open connection with a consumer on it. */
export type Link = {
  /** `address:port`. */
  via: string;
  queue: DeclaredQueue;
  /** All messages up to this tag are stored. Never throws: after a loss they come again. */
  acknowledge(tag: number): void;
  /** Messages that wait in the queue. @throws when the broker does not answer */
  waiting(): Promise<number>;
  stopConsuming(): Promise<void>;
  close(): Promise<void>;
};

export type LinkEvents = {
  delivery(delivery: Delivery): void;
  /** The broker took the consumer away: the queue was deleted, or its leader moved. */
  cancelled(): void;
  lost(cause: Error): void;
};

/**
 * Opens a link; `after` is the last stored offset of a stream (null = none). Leaves nothing open when it throws.
 * Events may come before it resolves.
 */
export type OpenLink = (address: BrokerAddress, after: number | null, events: LinkEvents) => Promise<Link>;

export type ConsumerOptions = {
  addresses: readonly BrokerAddress[];
  open: OpenLink;
  /** The last stored offset, for streams. */
  after(): number | null;
  clock: TimerClock;
  /** 0 to 1. */
  random(): number;
  /** None of these may throw; what they throw is passed to `onError` and ends nothing. */
  onDelivery(delivery: Delivery): void;
  onOpen(link: Link): void;
  /** The link ended, or (`via` null) none could be opened in a whole round. */
  onLost(cause: Error, via: string | null): void;
  onError(error: unknown): void;
};

export type Consumer = {
  readonly link: Link | null;
  /** Ends the link and opens another one at the same address: whatever was not acknowledged comes again. */
  renew(cause: Error): void;
  /** Takes no more; what was delivered can still be acknowledged until `close`. */
  stopConsuming(): Promise<void>;
  close(): Promise<void>;
};

/** A link that lives so long was a good one: the next loss is answered at once again. */
const GOOD_AFTER_MS = 5_000;

/** Starts at once with the first address. */
export function startConsumer(options: ConsumerOptions): Consumer {
  const { addresses, clock } = options;
  const backOff = createBackOff(options.random);
  let link: Link | null = null;
  let place = 0;
  /** Addresses that failed since the last good link. */
  let failed = 0;
  let cancelRetry = () => {};
  let renew = (_cause: Error) => {};
  let closed = false;

  function attempt(): void {
    const address = addresses[place % addresses.length];
    if (closed || address === undefined) return;
    let mine: Link | null = null;
    let ended: { cause: Error; stay: boolean } | null = null;
    let openedAt = 0;
    const end = (cause: Error, stay: boolean) => {
      if (ended !== null) return;
      ended = { cause, stay };
      if (mine === null) return;
      void mine.close();
      if (link === mine) link = null;
      if (closed) return;
      if (clock.now() - openedAt >= GOOD_AFTER_MS) settled();
      const { via } = mine;
      guarded(() => options.onLost(cause, via));
      next(stay);
    };
    const events: LinkEvents = {
      delivery(delivery) {
        if (ended === null) guarded(() => options.onDelivery(delivery));
      },
      cancelled: () => end(new Error('the broker ended the consumer: the queue was deleted or moved'), true),
      lost: (cause) => end(cause, false),
    };
    options.open(address, options.after(), events).then(
      (opened) => {
        if (closed || ended !== null) {
          void opened.close();
          if (closed || ended === null) return;
          const { cause, stay } = ended as { cause: Error; stay: boolean };
          guarded(() => options.onLost(cause, opened.via));
          next(stay);
          return;
        }
        mine = opened;
        openedAt = clock.now();
        link = opened;
        renew = (cause) => end(cause, true);
        guarded(() => options.onOpen(opened));
      },
      (error) => failure(error instanceof Error ? error : new Error(String(error))),
    );
  }

  /** A throw would end the connection, or the trying. */
  function guarded(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      options.onError(error);
    }
  }

  function settled(): void {
    failed = 0;
    backOff.reset();
  }

  function failure(cause: Error): void {
    if (closed) return;
    if (failed + 1 >= addresses.length) guarded(() => options.onLost(cause, null));
    next(false);
  }

  /** The next address at once, until each has failed once. */
  function next(stay: boolean): void {
    if (!stay) place += 1;
    failed += 1;
    const delayMs = failed % addresses.length === 0 ? backOff.next() : 0;
    // Never from within an event of the link that ends.
    cancelRetry = clock.after(failed <= 1 ? 0 : delayMs, attempt);
  }

  attempt();
  return {
    get link() {
      return link;
    },
    renew: (cause) => renew(cause),
    async stopConsuming() {
      closed = true;
      cancelRetry();
      await link?.stopConsuming();
    },
    async close() {
      closed = true;
      cancelRetry();
      const last = link;
      link = null;
      await last?.close();
    },
  };
}
