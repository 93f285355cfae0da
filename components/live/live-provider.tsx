'use client';
/** Puts the one live store, and the one clock, under the whole page. */
import { createContext, type ReactNode, use, useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { routes } from '#lib/routes.ts';
import { createLiveStore, type Live, type LiveStore } from './store.ts';

const StoreContext = createContext<LiveStore | null>(null);
const NowContext = createContext(0);

const TICK_MS = 1_000;

/** Opens the stream for everything below it. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [store] = useState(createLiveStore);
  const [now, setNow] = useState(0);
  useEffect(() => store.open(routes.api), [store]);
  useEffect(() => {
    const tick = () => setNow(Date.now() + store.get().clockOffsetMs);
    tick();
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  }, [store]);
  return (
    <StoreContext value={store}>
      <NowContext value={now}>{children}</NowContext>
    </StoreContext>
  );
}

/** The part of the live state that `select` picks; renders again only when that part changed. */
export function useLive<T>(select: (live: Live) => T): T {
  const store = use(StoreContext);
  if (store === null) throw new Error('useLive needs a LiveProvider above it');
  const snapshot = useCallback(() => select(store.get()), [store, select]);
  return useSyncExternalStore(store.subscribe, snapshot, snapshot);
}

/** The server's time (epoch ms), once a second; 0 before the first tick. */
export function useNow(): number {
  return use(NowContext);
}
