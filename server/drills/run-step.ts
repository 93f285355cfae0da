/** One step of a run: stored, done, watched, stored. */
import { once } from 'node:events';
import type { Model } from '#lib/model/model.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import type { Call } from './calls.ts';
import type { Facts, Step } from './drill.ts';
import { type Performing, perform } from './perform-call.ts';
import { type RunRecord, withRun, withSettled, withStep } from './run-record.ts';
import { within } from './sleep.ts';

export type Stepping = {
  performing: Performing;
  /** Aborted = the run is called off. */
  signal: AbortSignal;
  clock: TimerClock;
  model(): Model;
  record(): RunRecord;
  change(how: (record: RunRecord) => RunRecord): void;
  /** Resolves when the record is on disk. */
  keep(): Promise<void>;
};

/** A step looks whether it is done after a tenth of the time that it has taken so far, within these bounds. */
const LOOK_MS = { least: 20, most: 250 };
/** The message of a step that took too long. */
const LATE = 'too late';

/** Does the step. @throws Error that says what was waited for in vain, what failed, or who called it off */
export async function runStep(step: Step, stepping: Stepping): Promise<void> {
  const { clock, change, keep, record, signal } = stepping;
  signal.throwIfAborted();
  const { facts } = record();
  const startedAt = clock.now();
  change((one) => ({
    ...withStep(one, step.id, { state: 'running', startedAt, says: '' }),
    undo: [...one.undo, ...step.undo(facts).map((call) => ({ step: step.id, at: startedAt, call, done: false }))],
  }));
  try {
    await begin(step, startedAt, stepping);
    const says = await doneWithin(step, facts, startedAt, stepping);
    change((one) =>
      withSettled(
        withStep(one, step.id, { state: 'done', endedAt: clock.now(), says }),
        (item) => step.settles?.includes(item.step) === true,
      ),
    );
  } catch (error) {
    const { message } = error as Error;
    change((one) => withStep(one, step.id, { state: 'failed', endedAt: clock.now(), says: message }));
    throw new Error(`${step.title}: ${message}`, { cause: error });
  }
  await unlessAborted(keep(), signal);
}

/** A disk that hangs does not keep anybody from calling the run off. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const given = new AbortController();
  const aborted = once(signal, 'abort', { signal: given.signal }).catch(() => undefined);
  await Promise.race([work, ...(signal.aborted ? [] : [aborted])]).finally(() => given.abort());
  signal.throwIfAborted();
}

/** Known on disk before it is done: a crash in between is found at the next start, and that the fault may have begun. */
async function begin(step: Step, startedAt: number, { change, clock, keep, signal }: Stepping): Promise<void> {
  const faultAt = (at: number | null) => {
    if (step.isFault === true) change((one) => withRun(one, { faultAt: at }));
  };
  faultAt(startedAt);
  try {
    await unlessAborted(keep(), signal);
  } catch (error) {
    faultAt(null);
    throw error;
  }
  faultAt(clock.now());
}

/** The calls, then the check until it says done. Gives what was seen. */
async function doneWithin(step: Step, facts: Facts, startedAt: number, stepping: Stepping): Promise<string> {
  const { clock, signal, change } = stepping;
  let last = '';
  const says = (text: string) => {
    if (text !== last) change((one) => withStep(one, step.id, { says: text }));
    last = text;
  };
  try {
    return await within(clock, step.limitMs, signal, LATE, async (limited) => {
      await performAll(step.calls(facts), stepping.performing, limited);
      return watchUntilDone(step, startedAt, stepping, limited, says);
    });
  } catch (error) {
    signal.throwIfAborted();
    if ((error as Error).message !== LATE) throw error;
    const waited = `not done within ${step.limitMs / 1_000} s${last === '' ? '' : `: ${last}`}`;
    if (step.isPatient === true) return `${waited} The run goes on.`;
    throw new Error(waited, { cause: error });
  }
}

/** All lanes come to their end, also when one fails: nothing may still be under way when it is taken back. */
async function performAll(
  lanes: readonly (readonly Call[])[],
  performing: Performing,
  signal: AbortSignal,
): Promise<void> {
  const outcomes = await Promise.allSettled(lanes.map((lane) => performLane(lane, performing, signal)));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

async function performLane(lane: readonly Call[], performing: Performing, signal: AbortSignal): Promise<void> {
  for (const call of lane) {
    await perform(call, performing, signal);
    signal.throwIfAborted();
  }
}

async function watchUntilDone(
  step: Step,
  startedAt: number,
  { clock, model, record, performing, change }: Stepping,
  signal: AbortSignal,
  says: (text: string) => void,
): Promise<string> {
  if (step.check === undefined) return '';
  for (;;) {
    const live = {
      model: model(),
      now: clock.now(),
      startedAt,
      facts: record().facts,
      actions: performing.actions,
      signal,
    };
    // One look that fails is no verdict: nodes that fail over refuse connections for a moment.
    const progress = await Promise.resolve()
      .then(() => step.check?.(live))
      .catch((error: Error) => ({ done: false, says: error.message }));
    signal.throwIfAborted();
    if (progress === undefined) return '';
    const { learned } = progress as { learned?: Facts };
    if (learned !== undefined) change((one) => ({ ...one, facts: { ...one.facts, ...learned } }));
    if (progress.done) return progress.says;
    says(progress.says);
    const lookMs = (clock.now() - startedAt) / 10;
    await performing.pause(Math.min(LOOK_MS.most, Math.max(LOOK_MS.least, lookMs)), signal);
    signal.throwIfAborted();
  }
}
