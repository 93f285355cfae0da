'use client';
/** The zone in which times are shown: UTC unless the reader chose the browser's own. Kept in a cookie. */
import { createContext, type ReactNode, use, useState } from 'react';
import type { ClockZone } from '#lib/format/quantity.ts';
import { keepChoice } from './choice.ts';

const ZoneContext = createContext<{ zone: ClockZone; toggle: () => void }>({ zone: 'utc', toggle: () => undefined });

/** Puts the chosen zone under the whole page; `initial` as the server read it from the cookie. */
export function ClockZoneProvider({ initial, children }: { initial: ClockZone; children: ReactNode }) {
  const [zone, setZone] = useState(initial);
  const toggle = () => {
    const next = zone === 'utc' ? 'local' : 'utc';
    keepChoice('clock', next);
    setZone(next);
  };
  return <ZoneContext value={{ zone, toggle }}>{children}</ZoneContext>;
}

export function useClockZone(): ClockZone {
  return use(ZoneContext).zone;
}

/** Changes between UTC and the browser's zone. */
export function useToggleZone(): () => void {
  return use(ZoneContext).toggle;
}
