'use client';
/** A list of moments under a heading for each day. */
import { type ReactNode, useId } from 'react';
import { useClockZone } from '#components/ui/clock-zone.tsx';
import { dayOf, daysOf } from './days.ts';
import { useNow } from './live-provider.tsx';

const DAY_MS = 86_400_000;

export type ByDayProps<T> = {
  rows: readonly T[];
  at(row: T): number;
  /** The lines; `underDay` = the day is said above them. */
  line(row: T, underDay: boolean): ReactNode;
  className?: string;
};

/** The rows in their order, newest first; headings only where a row is not of today. */
export function ByDay<T>({ rows, at, line, className = '' }: ByDayProps<T>) {
  const id = useId();
  const zone = useClockZone();
  const now = useNow();
  const today = dayOf(now, zone);
  const days = daysOf(rows, at, zone);
  if (now === 0 || days.every(({ day }) => day === today)) {
    return <ol className={className}>{rows.map((row) => line(row, false))}</ol>;
  }
  const yesterday = dayOf(now - DAY_MS, zone);
  return days.map(({ day, rows: mine }) => (
    <section key={day} aria-labelledby={`${id}-${day}`} className={className}>
      <h3 id={`${id}-${day}`} className="pt-2 pb-1 text-[12px] font-semibold text-text-2">
        {day === today ? 'Today' : day === yesterday ? 'Yesterday' : day}{' '}
        {(day === today || day === yesterday) && <span className="ml-1.5 font-normal text-text-3">{day}</span>}
      </h3>
      <ol>{mine.map((row) => line(row, true))}</ol>
    </section>
  ));
}
