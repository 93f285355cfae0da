/** Ending a worker: at once, or after it was drained. It is over only when its process is gone. */
import type { ControlOutcome } from '#lib/contract/control.ts';
import { andList } from '#lib/format/list.ts';
import { type Question, queueNames } from './command-checks.ts';
import { type DrainLook, type DrainState, drainEnd, drainStep, holdsOf, startDrain } from './drain.ts';
import { LOOK_EVERY_MS, look, lookAt, outcomes, pause, type Talk, tell } from './talk.ts';
import { presenceOf, type Watched, watchedNow } from './worker-presence.ts';

const ask = (method: string): Question => ({ method, arguments: {} });
/** It ends when the tasks that it runs have ended. */
const SHUTDOWN_LIMIT_MS = 600_000;
const DRAIN_LOOK_EVERY_MS = 1_000;
/** A worker that shuts down answers nothing: waiting for it would take time from watching. */
const NO_REPLY_MS = 100;

/** Tells a worker to shut down and watches until its process is gone. @throws Error with code BROKER_UNREACHABLE */
export async function runShutdown(talk: Talk, worker: string): Promise<ControlOutcome> {
  const { clock, model, signal, onStep } = talk;
  const outcome = outcomes(clock);
  const watched = watchedNow(model(), worker, clock.now());
  const { silent } = await tell(talk, [worker], ask('ping'));
  if (silent.length > 0) {
    const { text } = presenceOf(model(), watched, clock.now());
    return outcome('not-verified', `Nothing was sent: ${worker} does not answer (${text}).`);
  }
  await tell(talk, [worker], ask('shutdown'), NO_REPLY_MS);
  onStep('requested', `${worker} was told to shut down. It ends when the tasks that it runs have ended.`);
  const until = clock.now() + SHUTDOWN_LIMIT_MS;
  for (;;) {
    const { gone, text } = presenceOf(model(), watched, clock.now());
    if (gone) return outcome('verified', `${worker} is gone: ${text}.`);
    if (signal.aborted) return outcome('not-verified', `No longer watched; ${worker} is still there: ${text}.`);
    if (clock.now() >= until) return outcome('not-verified', `${worker} is still there: ${text}.`);
    await pause(clock, LOOK_EVERY_MS, signal);
  }
}

/** Drains a worker as `drain.ts` orders. @throws Error with code BROKER_UNREACHABLE when nothing could be asked */
export async function runDrain(talk: Talk, worker: string, waitMs: number): Promise<ControlOutcome> {
  const { clock, model, signal, onStep } = talk;
  const outcome = outcomes(clock);
  const watched = watchedNow(model(), worker, clock.now());
  const { silent } = await tell(talk, [worker], ask('ping'));
  if (silent.length > 0) {
    const { text } = presenceOf(model(), watched, clock.now());
    return outcome('not-verified', `Nothing was sent: ${worker} does not answer (${text}).`);
  }
  let state = startDrain(worker, clock.now() + waitMs);
  let told = '';
  for (;;) {
    const seen = await drainLook(talk, watched, state);
    // After the look: one that was called off in between must not order anything.
    if (signal.aborted) return endOf(drainEnd(state, calledOff(state)), outcome);
    const next = drainStep(state, seen);
    state = next.state;
    if (next.order.do === 'end') return endOf(next.order, outcome);
    if (next.order.do === 'cancel') await cancel(talk, worker, next.order.queues);
    if (next.order.do === 'shutdown') {
      onStep('acknowledged', `${worker} is empty. Telling it to shut down.`);
      await tellOnce(talk, worker);
    }
    const holds = holdsOf(seen);
    if (state.phase === 'emptying' && holds !== null && holds !== told)
      onStep('acknowledged', `${worker} holds ${holds}.`);
    told = holds ?? told;
    await pause(clock, DRAIN_LOOK_EVERY_MS, signal);
  }
}

function calledOff({ phase }: DrainState): string {
  return phase === 'stopping' ? 'called off when it had been told to shut down already' : 'the drain was called off';
}

function endOf({ stage, evidence, offers }: ReturnType<typeof drainEnd>, outcome: ReturnType<typeof outcomes>) {
  return outcome(stage, evidence, offers.length === 0 ? {} : { offers });
}

async function drainLook(talk: Talk, watched: Watched, state: DrainState): Promise<DrainLook> {
  const { worker } = watched;
  // One that is shutting down answers nothing any more.
  const isAsked = state.phase === 'emptying';
  const answer = (method: string) => (isAsked ? lookAt(talk, worker, ask(method)) : null);
  const [queues, active, reserved, scheduled] = await Promise.all([
    answer('active_queues'),
    answer('active'),
    answer('reserved'),
    answer('scheduled'),
  ]);
  const at = talk.clock.now();
  return {
    ...{ at, presence: presenceOf(talk.model(), watched, at), queues: queueNames(queues) },
    ...{ active: lengthOf(active), reserved: lengthOf(reserved), scheduled: lengthOf(scheduled) },
  };
}

async function cancel(talk: Talk, worker: string, queues: readonly string[]): Promise<void> {
  for (const queue of queues) await look(talk, [worker], { method: 'cancel_consumer', arguments: { queue } });
  talk.onStep('requested', `${worker} was told to take no more tasks from ${andList(queues)}.`);
}

/** A broker that is away now leaves it to the time limit to say that nothing came of it. */
async function tellOnce(talk: Talk, worker: string): Promise<void> {
  try {
    await tell(talk, [worker], ask('shutdown'), NO_REPLY_MS);
  } catch (error) {
    talk.onStep('no-answer', (error as Error).message);
  }
}

function lengthOf(answer: unknown): number | null {
  return Array.isArray(answer) ? answer.length : null;
}
