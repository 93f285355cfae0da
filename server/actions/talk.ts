/** What every command to workers needs: to ask them, to say how far it got, and to wait. */
import type { ControlOutcome, ControlStage } from '#lib/contract/control.ts';
import type { Model } from '#lib/model/model.ts';
import type { PidboxAnswers, PidboxClient } from '#server/amqp/pidbox-client.ts';
import { pidboxError } from '#server/celery/pidbox.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import type { Question } from './command-checks.ts';
import { clockLeadMs, workersThere } from './worker-presence.ts';

/** Hears each step of a command; the sentence is for people. */
export type OnStep = (stage: ControlStage, text: string) => void;

export type Talk = {
  client: PidboxClient;
  clock: TimerClock;
  /** The estate now. */
  model(): Model;
  onStep: OnStep;
  signal: AbortSignal;
};

/** How long a worker gets to answer. */
export const ANSWER_MS = 2_000;
/** Time between two looks at what a command did. */
export const LOOK_EVERY_MS = 500;
/** A worker that was paused does what it was told when it comes back, but no later than this after it was told. */
export const COMMAND_VALID_MS = 30_000;

/** Sends to some workers (null = all). @throws Error with code BROKER_UNREACHABLE */
export function tell(
  talk: Pick<Talk, 'client' | 'clock' | 'model'>,
  workers: readonly string[] | null,
  question: Question,
  timeoutMs = ANSWER_MS,
): Promise<PidboxAnswers> {
  const model = talk.model();
  return talk.client.call({
    ...{ method: question.method, arguments: question.arguments, destination: workers, timeoutMs },
    expected: workers ?? workersThere(model),
    expiresAt: talk.clock.now() + COMMAND_VALID_MS + clockLeadMs(model, workers),
  });
}

/** As `tell`, for looks that come again: a broker that is away now is only no answer. */
export async function look(talk: Talk, workers: readonly string[], question: Question): Promise<PidboxAnswers> {
  try {
    return await tell(talk, workers, question);
  } catch {
    return { replies: new Map(), silent: workers };
  }
}

/** What one worker answers, without a refusal; null = it did not. */
export async function lookAt(talk: Talk, worker: string, question: Question): Promise<unknown> {
  const answer = (await look(talk, [worker], question)).replies.get(worker) ?? null;
  return pidboxError(answer) === null ? answer : null;
}

/** Waits; ends early, without an error, when it is called off. */
export function pause(clock: TimerClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
}

/** Makes the outcomes of a command that began now. */
export function outcomes(clock: TimerClock) {
  const began = clock.now();
  return (
    stage: ControlStage,
    evidence: string,
    rest: Partial<Pick<ControlOutcome, 'replies' | 'offers'>> = {},
  ): ControlOutcome => ({ stage, evidence, replies: {}, ...rest, tookMs: clock.now() - began });
}

/** Each worker's words, as an outcome carries them. */
export function wordsOf(replies: ReadonlyMap<string, unknown>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(replies);
}

/** A sentence of it: `celery@host-1: …`. */
export function aboutEach(said: ReadonlyMap<string, string>): string {
  return [...said].map(([worker, text]) => `${worker}: ${text}`).join('; ');
}
