/** Freeze windows: whether one is open at a time. Pure. */
import { DAYS, type FreezeWindow } from './config.ts';

/** The window that is open at `now` (epoch ms); null = none is. */
export function openWindow(windows: readonly FreezeWindow[], now: number): FreezeWindow | null {
  return windows.find((window) => isOpen(window, now)) ?? null;
}

/** `mon–fri 22:00–06:00 Europe/Zurich`. */
export function windowText({ days, from, to, zone }: FreezeWindow): string {
  return `${days.join(', ')} ${from}–${to} ${zone}`;
}

function isOpen({ days, from, to, zone }: FreezeWindow, now: number): boolean {
  const { day, time } = localTime(now, zone);
  const on = (one: number) => days.includes(DAYS[(one + DAYS.length) % DAYS.length] ?? 'mon');
  if (from < to) return on(day) && time >= from && time < to;
  // Past midnight it is still the evening's window.
  return (on(day) && time >= from) || (on(day - 1) && time < to);
}

function localTime(now: number, zone: string): { day: number; time: string } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  }).formatToParts(now);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  const day = (DAYS as readonly string[]).indexOf(part('weekday').toLowerCase());
  return { day, time: `${part('hour')}:${part('minute')}` };
}
