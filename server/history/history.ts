/**
 * The history as the rest of Trellis sees it: takes what was noticed at any time and never fails; stores it as soon as
 * the store can. What waits is bounded; what had to be given up is counted and marked.
 */
import type { BlindStretch, HistoryState, Timeline, TimelineQuery } from '#lib/contract/timeline.ts';
import type { Transition } from '#lib/model/transition.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { blindId } from './blind.ts';
import type { Noticed } from './chronicle.ts';
import { timeOfId } from './ids.ts';
import type { HistoryStore, Recall, RetentionLimits } from './store.ts';
import { createWaiting } from './waiting.ts';

export type History = {
  /** Takes what was noticed; returns at once. */
  record(noticed: Noticed): void;
  /** A page of the timeline, with what still waits to be stored. @throws Error with code HISTORY_UNAVAILABLE */
  timeline(query: TimelineQuery): Promise<Timeline>;
  readonly state: HistoryState;
  /** The process ends on purpose: stores that, and what still waits. Takes some milliseconds, half a second at most. */
  end(): void;
};

export type HistoryOptions = {
  store: HistoryStore;
  clock: TimerClock;
  limits: RetentionLimits;
  /** Gets what was known before this process and the newest transitions of that time, as soon as both are read. */
  onRecall(recall: Recall, newest: readonly Transition[]): void;
  /** Called when the history starts to fail, and when it works again. */
  onState(state: HistoryState): void;
};

/** How often the store is told that Trellis is alive: the error of the end of a blind stretch after a crash. */
export const BEAT_MS = 2_000;
/** A beat later than this means that Trellis did not get to run: it was blind. */
const STALLED_MS = 10_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 15_000;
const RETAIN_MS = 600_000;
/** Pause between two slices, so that writing comes first. */
const RETAIN_SLICE_MS = 50;
const NEWEST = 200;
const BLIND_LIMIT = 1_000;

/** Starts to keep the history; returns at once, before the store was opened. */
export function startHistory(options: HistoryOptions): History {
  const { store, clock, limits } = options;
  const bootedAt = clock.now();
  const waiting = createWaiting();
  let failure: { message: string; since: number } | null = null;
  let okSince = bootedAt;
  let recalled = false;
  let beatAt = bootedAt;
  let beatDue = true;
  let retryMs = RETRY_FIRST_MS;
  let cancelRetry: (() => void) | null = null;
  let stopping = false;
  let pumping: Promise<void> | null = null;
  let cancelBeat = clock.after(BEAT_MS, beat);
  let cancelRetain = clock.after(RETAIN_MS, retain);
  const firstTry = pump();

  function beat(): void {
    const now = clock.now();
    if (now - beatAt > STALLED_MS) {
      const stalled = { what: 'trellis', from: beatAt, to: now, code: 'stalled' } as const;
      waiting.add({ transitions: [], facts: [], blind: [{ id: blindId('trellis', beatAt), ...stalled }] });
    }
    beatAt = now;
    beatDue = true;
    cancelBeat = clock.after(BEAT_MS, beat);
    if (cancelRetry === null) void pump();
  }

  /** Stores until nothing waits or the store fails; never rejects. */
  function pump(): Promise<void> {
    pumping ??= write().finally(() => {
      pumping = null;
      // Something may have come between the last look and here.
      if (!stopping && !waiting.empty && failure === null) void pump();
    });
    return pumping;
  }

  async function write(): Promise<void> {
    cancelRetry?.();
    cancelRetry = null;
    try {
      if (!recalled) await recall();
      while (!stopping && (beatDue || !waiting.empty)) {
        beatDue = false;
        await store.append({ ...waiting.take(), aliveAt: clock.now(), stopping: false });
        waiting.stored();
        works();
      }
    } catch (error) {
      fails(error);
    }
  }

  async function recall(): Promise<void> {
    const found = await store.recall(bootedAt);
    recalled = true;
    const lastId = waiting.renumberAfter(found.lastId);
    // The store can be written, so this read hardly fails; if it does, what follows must not wait for it.
    const newest = await store.transitions({ limit: NEWEST, before: found.lastId + 1 }).catch(() => null);
    options.onRecall({ ...found, lastId }, (newest?.transitions ?? []).reverse());
  }

  function works(): void {
    retryMs = RETRY_FIRST_MS;
    if (failure === null) return;
    failure = null;
    okSince = clock.now();
    options.onState(state());
  }

  function fails(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const news = failure?.message !== message;
    if (stopping) return;
    failure = { message, since: failure?.since ?? clock.now() };
    beatDue = true;
    if (news) options.onState(state());
    cancelRetry = clock.after(retryMs, () => void pump());
    retryMs = Math.min(retryMs * 2, RETRY_LAST_MS);
  }

  function retain(): void {
    const later = (more: boolean) => {
      if (!stopping) cancelRetain = clock.after(more ? RETAIN_SLICE_MS : RETAIN_MS, retain);
    };
    // A failing store shows with the next beat; what is too old waits for the next round.
    store.retain(limits, clock.now()).then(
      ({ more }) => later(more),
      () => later(false),
    );
  }

  function state(): HistoryState {
    const { dropped, pending } = waiting;
    return failure === null
      ? { state: 'ok', message: '', since: okSince, pending, dropped }
      : { state: 'failing', ...failure, pending, dropped };
  }

  async function read(query: TimelineQuery): Promise<Timeline> {
    await firstTry;
    // Taken before the store is asked: what is stored meanwhile then appears twice, not never.
    const unstored = waiting.transitions().filter((one) => matches(one, query));
    const unstoredBlind = waiting.blind();
    const page = await store.transitions(query);
    const { rows: newest, more } = newestFirst([...page.transitions, ...unstored], query.limit);
    const next = (page.more || more) && newest.length > 0 ? (newest.at(-1)?.id ?? null) : null;
    const now = clock.now();
    const from = next === null ? (query.from ?? 0) : (newest.at(-1)?.at ?? 0);
    const to = Math.min(query.to ?? now, query.before === undefined ? now : timeOfId(query.before));
    const blind = await store.blind({ from, to, limit: BLIND_LIMIT });
    const touching = unstoredBlind.filter((one) => one.from <= to && (one.to ?? now) >= from);
    return {
      ...{ now, history: state(), transitions: newest.reverse(), next },
      ...{ blind: latest(blind.stretches, touching), blindTruncated: blind.more },
    };
  }

  return {
    record(noticed) {
      if (stopping || (noticed.transitions.length === 0 && noticed.facts.length === 0 && noticed.blind.length === 0))
        return;
      waiting.add(noticed);
      if (cancelRetry === null) void pump();
    },
    async timeline(query) {
      try {
        return await read(query);
      } catch (error) {
        throw Object.assign(new Error((error as Error).message), { code: 'HISTORY_UNAVAILABLE' });
      }
    },
    get state() {
      return state();
    },
    end() {
      if (stopping) return;
      stopping = true;
      cancelBeat();
      cancelRetain();
      cancelRetry?.();
      // Without the recall it is not known yet when the process before this one ended: that must stay to be found.
      if (recalled) store.end({ ...waiting.takeAll(), aliveAt: clock.now(), stopping });
    },
  };
}

function matches(transition: Transition, { before, from, to, code, kind, subject }: TimelineQuery): boolean {
  return (
    (before === undefined || transition.id < before) &&
    (from === undefined || transition.at >= from) &&
    (to === undefined || transition.at <= to) &&
    (code === undefined || code.includes(transition.code)) &&
    (kind === undefined || transition.subject.kind === kind) &&
    (subject === undefined || transition.subject.id === subject)
  );
}

function newestFirst(transitions: readonly Transition[], limit: number): { rows: Transition[]; more: boolean } {
  const byId = new Map(transitions.map((one) => [one.id, one]));
  const sorted = [...byId.values()].sort((a, b) => b.id - a.id);
  return { rows: sorted.slice(0, limit), more: sorted.length > limit };
}

/** Oldest first; what waits to be stored is newer than what is stored. */
function latest(stored: readonly BlindStretch[], waiting: readonly BlindStretch[]): BlindStretch[] {
  const byId = new Map([...stored, ...waiting].map((one) => [one.id, one]));
  return [...byId.values()].sort((a, b) => a.from - b.from);
}
