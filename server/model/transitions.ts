/** Transitions: what changed between the facts that were known and the facts now. */
import type { Transition } from '#lib/model/transition.ts';
import { type Fact, factKey } from './facts.ts';

/** The last known (never null) fact for each key. */
export type KnownFacts = ReadonlyMap<string, Fact>;

export type TransitionStep = { known: KnownFacts; transitions: readonly Omit<Transition, 'id'>[] };

/**
 * Compares facts at `now` (epoch ms) with what was known; what is known of others stays. A fact seen for the first time is
 * no transition.
 */
export function stepTransitions(known: KnownFacts, facts: readonly Fact[], now: number): TransitionStep {
  let next: Map<string, Fact> | null = null;
  const transitions: Omit<Transition, 'id'>[] = [];
  for (const fact of facts) {
    if (fact.value === null) continue;
    const key = factKey(fact);
    const before = known.get(key)?.value ?? null;
    if (before === fact.value) continue;
    // Copied only for a change: there may be tens of thousands.
    next ??= new Map(known);
    next.set(key, fact);
    if (before === null) continue;
    transitions.push({
      at: now,
      code: fact.code,
      subject: fact.subject,
      from: before,
      to: fact.value,
      by: fact.by,
    });
  }
  return { known: next ?? known, transitions };
}
