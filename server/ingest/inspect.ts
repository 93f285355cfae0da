/**
 * Asks Celery's workers over their remote control. Only questions: what a worker would do on being told is not for the
 * intake.
 */
import { createPidboxClient, type OpenPidboxWire, type PidboxAnswers } from '#server/amqp/pidbox-client.ts';
import type { TimerClock } from '#server/runtime/clock.ts';

/** What may be asked. Everything else is refused here, whoever asks. */
export const INSPECT_VERBS = [
  'ping',
  'query_task',
  'active',
  'reserved',
  'scheduled',
  'revoked',
  'registered',
  'stats',
  'active_queues',
  'conf',
  'clock',
  'report',
] as const;
export type InspectVerb = (typeof INSPECT_VERBS)[number];

export type InspectQuestion = {
  verb: InspectVerb;
  arguments?: Readonly<Record<string, unknown>>;
  /** Node names. It ends as soon as all of them have answered. */
  destination: readonly string[];
  /** For everything, connecting too. */
  timeoutMs: number;
};

export type InspectAnswers = PidboxAnswers;

export type Inspector = {
  /** @throws Error when the broker cannot be reached or refuses, or the verb is none that only asks */
  ask(question: InspectQuestion): Promise<InspectAnswers>;
  /** Ends what is under way, with an error. */
  close(): void;
};

/** Workers compare this with their own clock: one that is behind or ahead by less still answers. */
const EXPIRES_AFTER_MS = 60_000;

/** An inspector that opens its way when the first question is asked. */
export function createInspector(open: OpenPidboxWire, clock: TimerClock): Inspector {
  const client = createPidboxClient(open, clock);
  return {
    async ask({ verb, arguments: args = {}, destination, timeoutMs }) {
      if (!(INSPECT_VERBS as readonly string[]).includes(verb)) throw new Error(`${verb} is no question`);
      const asked = [...new Set(destination)];
      if (asked.length === 0) return { replies: new Map(), silent: [] };
      try {
        return await client.call({
          ...{ method: verb, arguments: args, destination: asked, expected: asked, timeoutMs },
          isConnectingTimed: true,
          expiresAt: clock.now() + EXPIRES_AFTER_MS,
        });
      } catch (error) {
        // A question changes nothing: whether it was sent is no part of what went wrong.
        const { cause } = error as Error;
        throw cause instanceof Error ? cause : error;
      }
    },
    close: client.close,
  };
}
