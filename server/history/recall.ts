/**
 * Recall: compares what was known before Trellis was down with what is seen after. A change that happened meanwhile
 * becomes a transition that says between which times it happened. Pure: `now` is an argument.
 */
import type { Transition } from '#lib/model/transition.ts';
import { type Fact, factKey } from '#server/model/facts.ts';

/** A fact from before: it held until `until`; `seenAt` = since when it is told again, null = not yet. */
export type Remembered = { fact: Fact; until: number; seenAt: number | null };
export type Memory = ReadonlyMap<string, Remembered>;

type Found = Omit<Transition, 'id'>;
export type RecallStep = { memory: Memory; transitions: readonly Found[] };

/**
 * After a start the observers answer one after the other, and the first one alone may be wrong: a value counts once it
 * has stood this long.
 */
export const SETTLED_MS = 3_000;

/** The memory before anything was compared. */
export function remember(facts: readonly { fact: Fact; until: number }[]): Memory {
  return new Map(facts.map(({ fact, until }) => [factKey(fact), { fact, until, seenAt: null }]));
}

/**
 * Until when a fact is sure to have held: until Trellis was last alive, or until before that its last observer fell
 * silent.
 */
export function heldUntil(fact: Fact, aliveAt: number, lasting: readonly { what: string; from: number }[]): number {
  const blindFrom = fact.by.map((key) => lasting.find(({ what }) => key.startsWith(`${what}/`))?.from ?? aliveAt);
  return Math.min(aliveAt, blindFrom.length === 0 ? aliveAt : Math.max(...blindFrom));
}

/** One step: `facts` now, and the transitions that were noticed with them. What has been compared is forgotten. */
export function stepRecall(memory: Memory, facts: readonly Fact[], noticed: readonly Found[], now: number): RecallStep {
  const transitions: Found[] = [];
  // Things that are gone are remembered for good: without a change nothing may be copied.
  const changes = new Map<string, Remembered | null>();
  for (const transition of noticed) {
    const key = factKey(transition);
    const before = memory.get(key);
    if (before === undefined) continue;
    changes.set(key, null);
    // Back at the old value: the first look was wrong, nothing happened.
    if (transition.to === before.fact.value || transition.from === before.fact.value) continue;
    const first = { ...before.fact, value: transition.from, by: transition.by };
    transitions.push(happened(before, first, before.seenAt ?? now, now));
  }
  for (const fact of memory.size === 0 ? [] : facts) {
    if (fact.value === null) continue;
    const key = factKey(fact);
    const before = memory.get(key);
    if (before === undefined || changes.has(key)) continue;
    const seenAt = before.seenAt ?? now;
    if (now - seenAt < SETTLED_MS) {
      if (before.seenAt === null) changes.set(key, { ...before, seenAt });
      continue;
    }
    changes.set(key, null);
    if (fact.value !== before.fact.value) transitions.push(happened(before, fact, seenAt, now));
  }
  return { memory: changes.size === 0 ? memory : changed(memory, changes), transitions };
}

function changed(memory: Memory, changes: ReadonlyMap<string, Remembered | null>): Memory {
  const next = new Map(memory);
  for (const [key, remembered] of changes) {
    if (remembered === null) next.delete(key);
    else next.set(key, remembered);
  }
  return next;
}

function happened(before: Remembered, fact: Fact, seenAt: number, now: number): Found {
  const { code, subject, by } = fact;
  const between = { from: Math.min(before.until, seenAt), to: seenAt };
  return { at: now, code, subject, from: before.fact.value ?? '', to: fact.value ?? '', by, between };
}
