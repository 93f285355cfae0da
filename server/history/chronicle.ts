/** The chronicle: from models to what is worth keeping: numbered transitions, new values of facts, blind stretches. */
import { emptyModel, type Model } from '#lib/model/model.ts';
import type { Cause, Transition } from '#lib/model/transition.ts';
import { candidates, causeOf } from '#server/model/causes.ts';
import { type Fact, startLooking } from '#server/model/facts.ts';
import { type KnownFacts, stepTransitions } from '#server/model/transitions.ts';
import { type OpenStretches, stepBlind } from './blind.ts';
import { nextId } from './ids.ts';
import { type Memory, remember, stepRecall } from './recall.ts';
import type { HistoryBatch, Recall } from './store.ts';

export type Noticed = Pick<HistoryBatch, 'transitions' | 'facts' | 'blind'>;

export type Chronicle = {
  /** What the model at `now` (epoch ms) adds to what was known. */
  notice(model: Model, now: number): Noticed;
  /** What the store knew before this process; ids continue after it, and its facts are compared with the next ones. */
  recall(recall: Recall): void;
};

const FULL_LOOK_MS = 1_000;

/** Knows nothing yet. */
export function startChronicle(): Chronicle {
  let known: KnownFacts = new Map();
  let memory: Memory = new Map();
  let open: OpenStretches = new Map();
  const look = startLooking();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let lastId = 0;
  let before = emptyModel();
  /** What may still explain something, oldest first. */
  let recent: readonly Cause[] = [];

  function numbered(found: Omit<Transition, 'id'>): Transition {
    lastId = nextId(lastId, found.at);
    const cause = found.between === undefined ? causeOf(found, recent, before) : undefined;
    const transition = { ...found, id: lastId, ...(cause === undefined ? {} : { cause }) };
    recent = candidates(recent, [transition], found.at);
    return transition;
  }

  return {
    notice(model, now) {
      // What is remembered is compared with everything, but once a second is enough for that.
      const full = memory.size > 0 && now - lookedAt >= FULL_LOOK_MS;
      if (full) lookedAt = now;
      const facts = look(model, now, full);
      const step = stepTransitions(known, facts, now);
      const recalled = stepRecall(memory, facts, step.transitions, now);
      const sight = stepBlind(open, model.readings, now);
      const added = newFacts(known, step.known);
      known = step.known;
      memory = recalled.memory;
      open = sight.open;
      const transitions = [...recalled.transitions, ...step.transitions].map(numbered);
      before = model;
      return { transitions, facts: added, blind: sight.changed };
    },
    recall(recall) {
      memory = remember(recall.facts);
      lastId = Math.max(lastId, recall.lastId);
    },
  };
}

function newFacts(before: KnownFacts, after: KnownFacts): Fact[] {
  if (before === after) return [];
  return [...after].filter(([key, fact]) => before.get(key) !== fact).map(([, fact]) => fact);
}
