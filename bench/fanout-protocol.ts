/** What the fanout bench and its thread of clients say to each other. */

/** From the bench. */
export type ClientOrder =
  | { readonly order: 'join'; readonly count: number }
  | { readonly order: 'reset' }
  | { readonly order: 'report' };

/** From the clients; deliveries are those since the last reset. */
export type ClientReport = {
  readonly readers: number;
  /** Readers that have had their first snapshot. */
  readonly joined: number;
  /** Readers whose connection ended. */
  readonly lost: number;
  /** Patches that did not follow the reader's revision. */
  readonly gaps: number;
  /** What each reader was sent. */
  readonly bytesEach: number;
  readonly deliveries: number;
  readonly medianMs: number | null;
  readonly p99Ms: number | null;
  readonly worstMs: number | null;
  /** How late the clients' own thread was: part of every delivery time. */
  readonly ownDelayP99Ms: number;
  /** Every revision that some reader is at. */
  readonly revisions: readonly number[];
};
