'use client';
/** Times: relative for the eye, absolute on hover, in the zone that the reader chose. */
import { useNow } from '#components/live/live-provider.tsx';
import { formatAge, formatClock, formatMoment } from '#lib/format/quantity.ts';
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

/** A time of day; the whole date and the age on hover. */
export function ClockTime({ at }: { at: number }) {
  const now = useNow();
  const zone = useClockZone();
  return (
    <time dateTime={new Date(at).toISOString()} title={`${formatMoment(at, zone)} · ${formatAge(now - at)} ago`}>
      {formatClock(at, zone)}
    </time>
  );
}
