/** The events of `/api/v1/stream`, as they travel. Times are epoch milliseconds of the server's clock. */
import { z } from 'zod';
import type { ThroughputSecond } from '#lib/contract/tasks.ts';
import type { Model } from '#lib/model/model.ts';
import type { Patch } from '#lib/model/patch.ts';
import type { Figures, Samples } from '#lib/model/samples.ts';
import { TRANSITION_CODES, type Transition } from '#lib/model/transition.ts';

export const STREAM_PROTOCOL = 1;

/** First event of every connection. */
export const helloSchema = z.object({
  protocol: z.literal(STREAM_PROTOCOL),
  /** This Trellis process; revisions of different instances do not compare. */
  instance: z.string(),
  estate: z.object({ name: z.string(), colour: z.string() }),
  now: z.number(),
});
export type Hello = z.infer<typeof helloSchema>;

const changeSchema = z.object({
  id: z.number().int(),
  at: z.number(),
  code: z.enum(TRANSITION_CODES),
  subject: z.object({ kind: z.string(), id: z.string(), part: z.string().optional() }),
  from: z.string(),
  to: z.string(),
});

export const transitionSchema = changeSchema.extend({
  cause: changeSchema.optional(),
  by: z.array(z.string()),
  between: z.object({ from: z.number(), to: z.number() }).optional(),
});

/** The whole model; follows `hello` unless the connection resumes. */
export type SnapshotEvent = {
  rev: number;
  now: number;
  model: Model;
  transitions: readonly Transition[];
  samples: Samples;
  /** The newest seconds of throughput, oldest first; empty while Celery's events are not taken in. */
  throughput: readonly StreamSecond[];
};

/** A second of throughput as it travels: names and queues stay with the server, whose `/api/v1/throughput` adds them up. */
export type StreamSecond = Omit<ThroughputSecond, 'names' | 'queues'>;

/** Seconds of throughput that a snapshot carries at most; the server keeps `THROUGHPUT_KEPT`. */
export const THROUGHPUT_SENT = 600;
/** Seconds of throughput that are kept: an hour. */
export const THROUGHPUT_KEPT = 3_600;

/** One more second of throughput. */
export type ThroughputEvent = { rev: number; second: StreamSecond };

/** The figures of one moment, every few seconds. */
export type SampleEvent = { rev: number; at: number; figures: Figures };

/** What changed since revision `base`. */
export type PatchEvent = { base: number; rev: number; now: number } & Patch;

/** One line of the timeline. */
export type TransitionEvent = Transition & { rev: number };

/** Every few seconds, whatever happens: silence means that the stream is dead. */
export type HeartbeatEvent = { now: number };

/** The server says good-bye before it closes: the browser reconnects at once instead of guessing. */
export type ByeEvent = { reason: 'shutdown' };
