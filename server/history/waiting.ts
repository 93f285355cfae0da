/** What waits to be stored. Bounded: facts and stretches by what there is, transitions by number, the oldest give way. */
import type { BlindStretch } from '#lib/contract/timeline.ts';
import type { Transition } from '#lib/model/transition.ts';
import { type Fact, factKey } from '#server/model/facts.ts';
import { blindId } from './blind.ts';
import type { Noticed } from './chronicle.ts';

/** Bound of the transitions, and of the stretches, that wait. */
export const WAITING_LIMIT = 10_000;

export type Waiting = {
  add(noticed: Noticed): void;
  /** Everything that waits, as one batch. The same batch again until `stored`, so that repeating it is harmless. */
  take(): Noticed;
  /** The batch under way and all that came since, as one: for the end, after which nothing is taken again. */
  takeAll(): Noticed;
  /** The batch last taken is safe. */
  stored(): void;
  /**
   * Moves ids behind `lastId`, for the case that the clock went back while Trellis was down. Only before the first
   * `take`. Returns the last id now.
   */
  renumberAfter(lastId: number): number;
  /** What waits, the batch under way included. */
  transitions(): readonly Transition[];
  blind(): readonly BlindStretch[];
  readonly empty: boolean;
  readonly pending: number;
  /** Transitions given up so far. */
  readonly dropped: number;
};

/** Nothing waits. */
export function createWaiting(limit = WAITING_LIMIT): Waiting {
  let transitions: Transition[] = [];
  let facts = new Map<string, Fact>();
  let blind = new Map<string, BlindStretch>();
  let batch: Noticed | null = null;
  let dropped = 0;
  let gap: { from: number; to: number } | null = null;

  function drop(at: number): void {
    gap = { from: Math.min(gap?.from ?? at, at), to: Math.max(gap?.to ?? at, at) };
  }

  /** What is not in the batch under way, as a batch. */
  function takeNew(): Noticed {
    const marks = [...blind.values()];
    if (gap !== null) marks.push({ id: blindId('trellis', gap.from), what: 'trellis', ...gap, code: 'dropped' });
    const taken = { transitions, facts: [...facts.values()], blind: marks };
    transitions = [];
    facts = new Map();
    blind = new Map();
    gap = null;
    return taken;
  }

  return {
    add(noticed) {
      for (const transition of noticed.transitions) transitions.push(transition);
      for (const fact of noticed.facts) facts.set(factKey(fact), fact);
      for (const stretch of noticed.blind) blind.set(stretch.id, stretch);
      const over = transitions.splice(0, Math.max(0, transitions.length - limit));
      dropped += over.length;
      for (const { at } of over) drop(at);
      for (const [id, stretch] of blind) {
        if (blind.size <= limit) break;
        blind.delete(id);
        drop(stretch.from);
      }
    },
    take() {
      batch ??= takeNew();
      return batch;
    },
    takeAll() {
      const since = takeNew();
      if (batch === null) return since;
      return {
        transitions: [...batch.transitions, ...since.transitions],
        facts: [...batch.facts, ...since.facts],
        blind: [...batch.blind, ...since.blind],
      };
    },
    stored() {
      batch = null;
    },
    renumberAfter(lastId) {
      const shift = lastId + 1 - (transitions[0]?.id ?? Number.POSITIVE_INFINITY);
      if (shift > 0) transitions = transitions.map((one) => ({ ...one, id: one.id + shift }));
      return Math.max(lastId, transitions.at(-1)?.id ?? 0);
    },
    transitions: () => [...(batch?.transitions ?? []), ...transitions],
    blind: () => [...(batch?.blind ?? []), ...blind.values()],
    get empty() {
      return batch === null && transitions.length === 0 && facts.size === 0 && blind.size === 0;
    },
    get pending() {
      return transitions.length + (batch?.transitions.length ?? 0);
    },
    get dropped() {
      return dropped;
    },
  };
}
