/** The port to whatever keeps the history. One implementation: `sqlite/`; each must pass `history-contract.ts`. */
import type { BlindStretch, TimelineQuery } from '#lib/contract/timeline.ts';
import type { Acknowledgement } from '#lib/model/finding.ts';
import type { Transition } from '#lib/model/transition.ts';
import type { Fact } from '#server/model/facts.ts';

/** What one write carries. It is stored whole or not at all, so that facts and transitions never contradict each other. */
export type HistoryBatch = {
  transitions: readonly Transition[];
  /** Facts whose value is new; the last one of each key is remembered. */
  facts: readonly Fact[];
  /** Stretches that began or ended; the same id is written again with its end. */
  blind: readonly BlindStretch[];
  /** Trellis was alive and watching at this time (epoch ms). */
  aliveAt: number;
  /** Trellis ends now, because it was asked to. */
  stopping: boolean;
};

/** What the store knows of the time before this process. */
export type Recall = {
  /** The largest id of any transition; 0 = none. */
  lastId: number;
  /** When a Trellis was last known to watch; null = never. */
  aliveAt: number | null;
  /** The last known facts, and until when they are sure to have held. */
  facts: readonly { fact: Fact; until: number }[];
};

export type TransitionPage = {
  /** Newest first. */
  transitions: Transition[];
  /** There are older ones that match. */
  more: boolean;
};

export type BlindRange = { from: number; to: number; limit: number };

export type BlindPage = {
  /** The latest `limit` stretches that touch the range, newest first. */
  stretches: BlindStretch[];
  more: boolean;
};

export type RetentionLimits = { maxAgeMs: number; maxRows: number };

/** Every call may fail; a failed one changed nothing and may be repeated as it is. */
export type HistoryStore = {
  /**
   * Called once a process, before anything is appended: ends what the last process left open at the time it was last
   * alive, and marks the time until `bootedAt` as one in which Trellis itself was blind.
   */
  recall(bootedAt: number): Promise<Recall>;
  /** Resolves when everything is durable. What is stored already is not stored twice. */
  append(batch: HistoryBatch): Promise<void>;
  transitions(query: TimelineQuery): Promise<TransitionPage>;
  blind(range: BlindRange): Promise<BlindPage>;
  /** Every acknowledgement that was not withdrawn, by the id of its finding. */
  acknowledgements(): Promise<Readonly<Record<string, Acknowledgement>>>;
  /** Keeps an acknowledgement, in place of the one before; null withdraws it. */
  acknowledge(finding: string, acknowledgement: Acknowledgement | null): Promise<void>;
  /** Since when (epoch ms) each finding was there that was open when this was last told. */
  openFindings(): Promise<Readonly<Record<string, number>>>;
  /** All findings that are open now, in place of those before. */
  keepOpenFindings(open: Readonly<Record<string, number>>): Promise<void>;
  /** Deletes one small slice of what is too old or too much; `more` = call again. */
  retain(limits: RetentionLimits, now: number): Promise<{ deleted: number; more: boolean }>;
  /**
   * The last batch, as the process ends. Waits in this thread, for a short time at most: nobody asks a process that
   * ends to wait for a promise. Whether it was stored is not told.
   */
  end(batch: HistoryBatch): void;
  close(): Promise<void>;
};
