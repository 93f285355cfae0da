/** `/api/v1/timeline`: transitions page by page, and the stretches in which Trellis was blind. Times are epoch ms. */
import { z } from 'zod';
import { PROBE_CODES } from '#lib/model/reading.ts';
import { TRANSITION_CODES, type Transition } from '#lib/model/transition.ts';
import { transitionSchema } from './stream.ts';

export const TIMELINE_LIMIT = { default: 200, max: 500 } as const;

const integer = z
  .string()
  .regex(/^\d{1,16}$/, 'write a whole number')
  .transform(Number)
  .refine(Number.isSafeInteger, 'the number is too large');

/** The parameters as they stand in the URL; `code` may be repeated, all others stand once. Unknown ones are refused. */
export const timelineQuerySchema = z.strictObject({
  limit: integer
    .refine((limit) => limit >= 1 && limit <= TIMELINE_LIMIT.max, `write a number from 1 to ${TIMELINE_LIMIT.max}`)
    .default(TIMELINE_LIMIT.default),
  /** Cursor: only transitions with a smaller id. */
  before: integer.optional(),
  /** Only what happened at or after this time. */
  from: integer.optional(),
  /** Only what happened at or before this time. */
  to: integer.optional(),
  code: z.array(z.enum(TRANSITION_CODES)).optional(),
  /** Kind of the subject, for instance `queues`. */
  kind: z.string().min(1).max(100).optional(),
  /** Id of the subject. */
  subject: z.string().min(1).max(1_000).optional(),
});
export type TimelineQuery = z.infer<typeof timelineQuerySchema>;

/**
 * Why Trellis did not see: of an endpoint its probe's code, or `stale` when answers merely stopped coming; of Trellis itself
 * `stopped` (asked to end), `lost` (killed or crashed), `stalled` (did not get to run), `dropped` (saw, but could not store).
 */
export const BLIND_CODES = [...PROBE_CODES, 'stale', 'stopped', 'lost', 'stalled', 'dropped'] as const;
export type BlindCode = (typeof BLIND_CODES)[number];

export const blindStretchSchema = z.object({
  /** Stays the same when the stretch ends. */
  id: z.string(),
  /** `trellis`, or the endpoint as `<source>/<endpoint>`. */
  what: z.string(),
  from: z.number().int(),
  /** null = still blind. */
  to: z.number().int().nullable(),
  code: z.enum(BLIND_CODES),
});
export type BlindStretch = z.infer<typeof blindStretchSchema>;

/** How well the history is kept; a failing one is tried again until it works. */
export const historyStateSchema = z.object({
  state: z.enum(['ok', 'failing']),
  /** What is wrong and what helps; empty while all is well. */
  message: z.string(),
  /** Since when it is so. */
  since: z.number(),
  /** Transitions that wait to be stored. */
  pending: z.number().int(),
  /** Transitions that this process had to give up because too many waited. */
  dropped: z.number().int(),
});
export type HistoryState = z.infer<typeof historyStateSchema>;

/** The answer. */
export const timelineSchema = z.object({
  now: z.number(),
  history: historyStateSchema,
  /** Oldest first. */
  transitions: z.array(transitionSchema),
  /** Give it as `before` to get the page before this one; null = there is nothing older. */
  next: z.number().int().nullable(),
  /** Every stretch that touches the time of this page, oldest first. */
  blind: z.array(blindStretchSchema),
  /** True when there were more stretches than an answer carries; the oldest are missing. */
  blindTruncated: z.boolean(),
});
export type Timeline = Omit<z.infer<typeof timelineSchema>, 'transitions'> & { transitions: readonly Transition[] };
