/** Moments by the day on which they were, in the reader's zone. */
import { type ClockZone, formatMoment } from '#lib/format/quantity.ts';

/** `2026-11-22` */
export function dayOf(epochMs: number, zone: ClockZone): string {
  return formatMoment(epochMs, zone).slice(0, 10);
}

/** The rows of each day, days and rows in the order in which they come. */
export function daysOf<T>(rows: readonly T[], at: (row: T) => number, zone: ClockZone): { day: string; rows: T[] }[] {
  const days = new Map<string, T[]>();
  for (const row of rows) {
    const day = dayOf(at(row), zone);
    const mine = days.get(day);
    if (mine === undefined) days.set(day, [row]);
    else mine.push(row);
  }
  return [...days].map(([day, mine]) => ({ day, rows: mine }));
}
