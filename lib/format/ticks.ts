/** Schedules in words. Pure. */
import type { Schedule } from '#lib/model/ticks.ts';
import { formatAge, formatCount } from './quantity.ts';

/** `every 10 s`, `every 5 min`; null = not learned yet. */
export function everyText(intervalMs: number | null): string {
  if (intervalMs === null) return 'not learned yet';
  const seconds = intervalMs / 1_000;
  // Ticks come a few milliseconds late: nobody meant `every 9.997 s`.
  const whole = Math.round(seconds * 10) / 10;
  if (whole < 60) return `every ${whole} s`;
  if (whole < 3_600) return `every ${Math.round(whole / 6) / 10} min`;
  return `every ${Math.round(whole / 360) / 10} h`;
}

/** When the next tick is due: `in 4.0 s`, `due now`, `overdue by 12 s`. `now`: epoch ms. */
export function nextText({ nextAt, missedAt, missed, intervalMs }: Schedule, now: number): string {
  if (nextAt === null || intervalMs === null) return 'not known';
  if (now < nextAt) return `in ${formatAge(nextAt - now)}`;
  const isOverdue = missed > 0 && (missedAt.at(-1) ?? 0) >= nextAt - intervalMs / 2;
  return isOverdue ? `overdue by ${formatAge(now - nextAt)}` : 'due now';
}

/** `none`, `3 slots`. */
export function slotsText(count: number): string {
  return count === 0 ? 'none' : formatCount(count, 'slot');
}

/** `gen12@host-1 and gen15@host-2`: the senders of a slot, each once with how often. */
export function sendersText(by: readonly string[]): string {
  const counts = [...Map.groupBy(by, (one) => one)].map(([one, all]) =>
    all.length > 1 ? `${one} ${all.length}×` : one,
  );
  return counts.join(' and ');
}
