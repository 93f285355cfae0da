/** Stretches of time: presets that slide with the clock, and fixed ones. Times are epoch ms. */
import type { ClockZone } from '#lib/format/quantity.ts';

const MINUTE_MS = 60_000;

/** What slides: always the last so much. */
export const RANGES = ['15m', '1h', '6h', '24h', '7d'] as const;
export type Range = (typeof RANGES)[number];

export const RANGE_MS: Readonly<Record<Range, number>> = {
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '6h': 360 * MINUTE_MS,
  '24h': 1_440 * MINUTE_MS,
  '7d': 10_080 * MINUTE_MS,
};

export const RANGE_WORDS: Readonly<Record<Range, string>> = {
  '15m': '15 min',
  '1h': '1 h',
  '6h': '6 h',
  '24h': '24 h',
  '7d': '7 d',
};

/** What the chart shows while no range is chosen. */
export const DEFAULT_RANGE: Range = '1h';

/** What is chosen: a preset wins over fixed ends; null = open. */
export type RangeChoice = { range: Range | null; from: number | null; to: number | null };

/** The ends at `now`; null = open. Ends given the wrong way round are turned. */
export function endsOf({ range, from, to }: RangeChoice, now: number): { from: number | null; to: number | null } {
  if (range !== null) return { from: now - RANGE_MS[range], to: null };
  if (from !== null && to !== null && from > to) return { from: to, to: from };
  return { from, to };
}

/** Whether tasks of now are in it. */
export function reachesNow(choice: RangeChoice, now: number): boolean {
  const { to } = endsOf(choice, now);
  return to === null || to >= now;
}

/**
 * The stretch that is dragged over buckets, from the beginning of the first to the end of the last, both inclusive; the
 * drag may go either way. null = it stayed in one bucket: that is a click.
 */
export function draggedRange(
  anchor: number,
  end: number,
  { at, bucketMs }: { at: readonly number[]; bucketMs: number },
): { from: number; to: number } | null {
  const from = at[Math.min(anchor, end)];
  const last = at[Math.max(anchor, end)];
  if (anchor === end || from === undefined || last === undefined) return null;
  return { from, to: last + bucketMs - 1 };
}

/** A time as `<input type="datetime-local">` holds it, to the second. */
export function toTimeInput(at: number | null, zone: ClockZone): string {
  if (at === null) return '';
  const offsetMs = zone === 'utc' ? 0 : new Date(at).getTimezoneOffset() * MINUTE_MS;
  return new Date(at - offsetMs).toISOString().slice(0, 19);
}

/** The time that such a field holds, none before 1970; null = it holds none. */
export function fromTimeInput(text: string, zone: ClockZone): number | null {
  const at = Date.parse(zone === 'utc' ? `${text}Z` : text);
  return Number.isNaN(at) ? null : Math.max(0, at);
}

/** How much of the estate's time before and after a task is of interest. */
const BEFORE_MS = 5_000;
const AFTER_MS = 5_000;
/** The window of a task that runs grows in steps, so that it is not asked for every second. */
const STEP_MS = 10_000;

/** The stretch around a task, from before it was sent to after its end; `now` is its end while it has none. */
export function taskWindow(
  { at, sentAt, finishedAt }: { at: number; sentAt: number | null; finishedAt: number | null },
  now: number | null,
): { from: number; to: number } {
  const begin = Math.min(at, sentAt ?? at);
  const end = now === null ? (finishedAt ?? begin) : Math.ceil(now / STEP_MS) * STEP_MS;
  return { from: Math.floor(begin - BEFORE_MS), to: Math.ceil(Math.max(begin, end) + AFTER_MS) };
}
