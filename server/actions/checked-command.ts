/** A command whose effect the workers can be asked for: asked, told, and asked again until it shows or the time is over. */
import type { ControlOutcome } from '#lib/contract/control.ts';
import { andList } from '#lib/format/list.ts';
import { pidboxError } from '#server/celery/pidbox.ts';
import { type CheckedCommand, type CommandCheck, checkOf } from './command-checks.ts';
import { aboutEach, COMMAND_VALID_MS, LOOK_EVERY_MS, look, outcomes, pause, type Talk, tell, wordsOf } from './talk.ts';
import { presenceOf, watchedNow, workersThere } from './worker-presence.ts';

/** How long workers that do not answer are asked before they would be told anything. */
const HEARING_LIMIT_MS = 8_000;

/** Commands one worker, or all. @throws Error with code BROKER_UNREACHABLE when it could not be sent */
export async function runChecked(talk: Talk, command: CheckedCommand): Promise<ControlOutcome> {
  const check = checkOf(command);
  const outcome = outcomes(talk.clock);
  const workers = command.worker === null ? workersThere(talk.model()) : [command.worker];
  if (workers.length === 0) return outcome('no-answer', 'No worker is known to be there. Nothing was sent.');
  const before = await hear(talk, workers, check);
  if (talk.signal.aborted) return outcome('not-verified', 'Called off before anything was sent.');
  const there = workers.filter((worker) => before.has(worker));
  const silent = silentText(
    talk,
    workers.filter((worker) => !before.has(worker)),
  );
  if (there.length === 0) return outcome('not-verified', `Nothing was sent: ${silent}.`);
  const refused = refusals(there, (worker) => check.refuse(before.get(worker)));
  if (refused.size > 0) return outcome('refused', `Nothing was sent. ${aboutEach(refused)}.`);
  const { replies } = await tell(talk, there, { method: command.method, arguments: check.arguments });
  const words = { replies: wordsOf(replies) };
  const denied = refusals(there, (worker) => pidboxError(replies.get(worker)));
  const told = there.filter((worker) => !denied.has(worker));
  if (told.length === 0) return outcome('refused', `${aboutEach(denied)}.`, words);
  noteAcknowledged(talk, told, replies);
  const { seen, text } = await watch(talk, told, check, before);
  const rest = [...(denied.size > 0 ? [aboutEach(denied)] : []), ...(silent === '' ? [] : [silent])];
  const late = told.filter((worker) => !replies.has(worker));
  if (!seen && late.length > 0) {
    const seconds = COMMAND_VALID_MS / 1_000;
    rest.push(`${andList(late)} did not acknowledge, and may still do it within ${seconds} s of being told`);
  }
  const isVerified = seen && denied.size === 0 && silent === '';
  return outcome(isVerified ? 'verified' : 'not-verified', `${[text, ...rest].join('. ')}.`, words);
}

/** Asks until all have answered, or the time is over. */
async function hear(talk: Talk, workers: readonly string[], { before }: CommandCheck): Promise<Map<string, unknown>> {
  const heard = new Map<string, unknown>();
  const until = talk.clock.now() + HEARING_LIMIT_MS;
  for (let isFirst = true; ; isFirst = false) {
    const missing = workers.filter((worker) => !heard.has(worker));
    const asking = isFirst ? tell(talk, missing, before) : look(talk, missing, before);
    for (const [worker, said] of (await asking).replies) heard.set(worker, said);
    const silent = workers.filter((worker) => !heard.has(worker));
    if (silent.length === 0 || talk.signal.aborted || talk.clock.now() >= until) return heard;
    if (isFirst) talk.onStep('no-answer', `${silentText(talk, silent)}. Nothing was sent yet; asking again.`);
    await pause(talk.clock, LOOK_EVERY_MS, talk.signal);
  }
}

async function watch(
  talk: Talk,
  workers: readonly string[],
  check: CommandCheck,
  before: ReadonlyMap<string, unknown>,
): Promise<{ seen: boolean; text: string }> {
  const until = talk.clock.now() + check.limitMs;
  const texts = new Map<string, string>(
    workers.map((worker) => [worker, 'it did not answer when asked for the effect']),
  );
  const open = new Set(workers);
  for (;;) {
    const { replies } = await look(talk, [...open], check.after);
    for (const [worker, answer] of replies) {
      const { seen, text } = check.judge(before.get(worker), answer);
      texts.set(worker, text);
      if (seen) open.delete(worker);
    }
    if (open.size === 0 || talk.signal.aborted || talk.clock.now() >= until)
      return { seen: open.size === 0, text: aboutEach(texts) };
    await pause(talk.clock, LOOK_EVERY_MS, talk.signal);
  }
}

function noteAcknowledged({ onStep }: Talk, told: readonly string[], replies: ReadonlyMap<string, unknown>): void {
  const acknowledged = told.filter((worker) => replies.has(worker));
  if (acknowledged.length > 0) onStep('acknowledged', `${andList(acknowledged)} said yes. Looking whether it shows.`);
  else onStep('no-answer', `${andList(told)} did not say that it was taken. Looking whether it shows.`);
}

function refusals(workers: readonly string[], why: (worker: string) => string | null): Map<string, string> {
  return new Map(
    workers.flatMap((worker) => {
      const text = why(worker);
      return text === null ? [] : [[worker, text] as const];
    }),
  );
}

function silentText({ model, clock }: Talk, workers: readonly string[]): string {
  const now = clock.now();
  return workers
    .map((worker) => `${worker} does not answer (${presenceOf(model(), watchedNow(model(), worker, now), now).text})`)
    .join('; ');
}
