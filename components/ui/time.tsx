'use client';
/** Times: relative for the eye, absolute on hover, in the zone that the reader chose. */
import { useNow } from '#components/live/live-provider.tsx';
import { type ClockZone, formatAge, formatClock, formatMoment } from '#lib/format/quantity.ts';
import { useClockZone } from './clock-zone.tsx';

/** How long ago; null = never. */
export function Age({ at, suffix = '' }: { at: number | null; suffix?: string }) {
  const now = useNow();
  const zone = useClockZone();
  if (at === null) return <span className="text-text-3">never</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={formatMoment(at, zone)} className="whitespace-nowrap">
      {formatAge(now - at)}
      {suffix}
    </time>
  );
}

function isSameDay(at: number, now: number, zone: ClockZone): boolean {
  return now === 0 || formatMoment(at, zone).slice(0, 10) === formatMoment(now, zone).slice(0, 10);
}

/** A time of day, with the day where it is not today nor said above; the whole date and the age on hover. */
export function ClockTime({ at, underDay = false }: { at: number; underDay?: boolean }) {
  const now = useNow();
  const zone = useClockZone();
  return (
    <time dateTime={new Date(at).toISOString()} title={`${formatMoment(at, zone)} · ${formatAge(now - at)} ago`}>
      {underDay || isSameDay(at, now, zone) ? '' : `${formatMoment(at, zone).slice(5, 10)} `}
      {formatClock(at, zone)}
    </time>
  );
}
