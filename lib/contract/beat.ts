/** The beat's part of the API: `/api/v1/beat/ticks`. Times are epoch milliseconds. */
import { z } from 'zod';
import type { Schedule } from '#lib/model/ticks.ts';

/** Minutes of events that are looked through for schedules. */
export const TICK_MINUTES = { default: 60, max: 1_440 } as const;

export const beatTicksQuerySchema = z.strictObject({
  minutes: z.coerce.number().int().min(1).max(TICK_MINUTES.max).default(TICK_MINUTES.default),
});

/** What beat sent of late. */
export type BeatTicks = {
  now: number;
  /** Of the sends that were looked through. */
  from: number;
  /** All events up to here are known; earlier than `now` while the intake is disconnected or behind. */
  until: number;
  /** There were more sends than are looked through: older ticks are missing. */
  isTruncated: boolean;
  schedules: readonly Schedule[];
};
