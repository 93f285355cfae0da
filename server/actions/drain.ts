/**
 * Draining a worker, step by step: its consumers are cancelled, what it holds runs to its end, then it is told to shut down.
 * Pure: it is given what was seen, and says what to do next.
 */
import type { ControlStage, WorkerCommand } from '#lib/contract/control.ts';
import { andList } from '#lib/format/list.ts';
import type { Presence } from './worker-presence.ts';

/** What a look at the worker showed; null = it did not tell. */
export type DrainLook = {
  at: number;
  presence: Presence;
  /** Queues that it consumes. */
  queues: readonly string[] | null;
  /** Tasks that it runs, that it has and does not run yet, and that wait in it for their time. */
  active: number | null;
  reserved: number | null;
  scheduled: number | null;
};

export type DrainState = {
  worker: string;
  /** Until when it may become empty. */
  deadline: number;
  phase: 'emptying' | 'stopping';
  /** Queues whose consumers were cancelled. */
  cancelled: readonly string[];
  /** Looks in a row that showed nothing. */
  emptyLooks: number;
  /** What it holds, as it was seen last. */
  holds: string;
  stopBy: number;
};

export type DrainOrder =
  | { do: 'look' }
  | { do: 'cancel'; queues: readonly string[] }
  | { do: 'shutdown' }
  | { do: 'end'; stage: ControlStage; evidence: string; offers: readonly WorkerCommand[] };

/** A message may be on its way while the consumer is cancelled: once empty is not yet empty. */
const EMPTY_LOOKS = 2;
const STOP_LIMIT_MS = 60_000;

/** Before the first look; it may take until `deadline` (epoch ms). */
export function startDrain(worker: string, deadline: number): DrainState {
  return {
    worker,
    deadline,
    phase: 'emptying',
    cancelled: [],
    emptyLooks: 0,
    holds: 'an unknown number of tasks',
    stopBy: 0,
  };
}

/** The next order after a look. */
export function drainStep(state: DrainState, seen: DrainLook): { state: DrainState; order: DrainOrder } {
  if (seen.presence.gone) return { state, order: goneEnd(state, seen) };
  if (state.phase === 'stopping') return { state, order: stopping(state, seen) };
  const known = { ...state, holds: holdsOf(seen) ?? state.holds };
  if (seen.at >= state.deadline)
    return { state: known, order: drainEnd(known, `it still held ${known.holds} when the time was over`) };
  if (seen.queues !== null && seen.queues.length > 0) return cancelling(known, seen.queues);
  if (seen.queues === null || holdsOf(seen) !== NOTHING)
    return { state: { ...known, emptyLooks: 0 }, order: { do: 'look' } };
  const emptyLooks = state.emptyLooks + 1;
  if (emptyLooks < EMPTY_LOOKS) return { state: { ...known, emptyLooks }, order: { do: 'look' } };
  return { state: { ...known, phase: 'stopping', stopBy: seen.at + STOP_LIMIT_MS }, order: { do: 'shutdown' } };
}

/** The end of a drain that did not get to its end, for this reason: the worker takes no tasks, and how to change that. */
export function drainEnd({ worker, cancelled }: DrainState, why: string): Extract<DrainOrder, { do: 'end' }> {
  const left =
    cancelled.length === 0
      ? 'No consumer was cancelled.'
      : `Its consumers of ${andList(cancelled)} stay cancelled: it takes no new tasks until they are added again.`;
  const offers = cancelled.map((queue): WorkerCommand => ({ method: 'add_consumer', worker, queue }));
  return { do: 'end', stage: 'not-verified', evidence: `${worker}: ${why}. ${left}`, offers };
}

const NOTHING = 'no task';

/** What it holds, in words; null = it did not tell everything. */
export function holdsOf({ active, reserved, scheduled }: DrainLook): string | null {
  if (active === null || reserved === null || scheduled === null) return null;
  const parts = [
    ...(active > 0 ? [`${active} running`] : []),
    ...(reserved > 0 ? [`${reserved} reserved`] : []),
    ...(scheduled > 0 ? [`${scheduled} waiting for their time`] : []),
  ];
  return parts.length === 0 ? NOTHING : `${andList(parts)}`;
}

function cancelling(state: DrainState, queues: readonly string[]): { state: DrainState; order: DrainOrder } {
  const cancelled = [...new Set([...state.cancelled, ...queues])].sort();
  return { state: { ...state, cancelled, emptyLooks: 0 }, order: { do: 'cancel', queues } };
}

function goneEnd({ worker, phase, holds }: DrainState, { presence }: DrainLook): DrainOrder {
  const offers: readonly WorkerCommand[] = [];
  if (phase === 'stopping')
    return {
      do: 'end',
      stage: 'verified',
      evidence: `${worker} was empty, was told to shut down, and is gone: ${presence.text}.`,
      offers,
    };
  const evidence = `${worker} went away by itself before it was empty: ${presence.text}. It held ${holds}.`;
  return { do: 'end', stage: 'not-verified', evidence, offers };
}

function stopping(state: DrainState, { at, presence }: DrainLook): DrainOrder {
  if (at < state.stopBy) return { do: 'look' };
  return drainEnd(state, `it was empty and was told to shut down, and is still there: ${presence.text}`);
}
