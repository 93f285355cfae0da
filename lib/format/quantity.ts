/** Numbers for people: ages, sizes, counts. Input units are in the names. */

/** `0.4 s`, `42 s`, `7 min`, `3 h`, `2 d`. */
export function formatAge(ageMs: number): string {
  const seconds = Math.max(0, ageMs) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.floor(seconds)} s`;
  if (seconds < 5_400) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `138 MB`, in powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || Math.abs(value) >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `1 queue`, `4 queues`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The zone of shown times. */
export type ClockZone = 'utc' | 'local';

/** `03:12:41`. */
export function formatClock(epochMs: number, zone: ClockZone = 'utc'): string {
  return zone === 'utc' ? new Date(epochMs).toISOString().slice(11, 19) : LOCAL_CLOCK.format(epochMs);
}

/** `2026-11-21 03:12:41.230 UTC`, or in the reader's zone with its name. */
export function formatMoment(epochMs: number, zone: ClockZone = 'utc'): string {
  if (zone === 'utc') return `${new Date(epochMs).toISOString().replace('T', ' ').slice(0, -1)} UTC`;
  return LOCAL_MOMENT.format(epochMs);
}

const LOCAL_CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const LOCAL_MOMENT = new Intl.DateTimeFormat('sv-SE', {
  ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, timeZoneName: 'short' },
});

/** `346 /s`, `3.1 /s`; null = not told. Of another unit its short name. */
export function formatRate(rate: number | null, unit = 's'): string {
  if (rate === null) return `– /${unit}`;
  return `${rate >= 10 || rate === 0 ? Math.round(rate) : rate.toFixed(1)} /${unit}`;
}
