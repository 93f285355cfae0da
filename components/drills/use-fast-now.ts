'use client';
/** The server's time ten times a second, for what a person watches second by second. */
import { useEffect, useState } from 'react';
import { useLive, useNow } from '#components/live/live-provider.tsx';

const TICK_MS = 100;

/** Epoch ms of the server; once a second while nothing is under way. */
export function useFastNow(isUnderWay: boolean): number {
  const slow = useNow();
  const offsetMs = useLive((live) => live.clockOffsetMs);
  const [fast, setFast] = useState(0);
  useEffect(() => {
    if (!isUnderWay) return;
    const timer = setInterval(() => setFast(Date.now() + offsetMs), TICK_MS);
    return () => clearInterval(timer);
  }, [isUnderWay, offsetMs]);
  return isUnderWay ? Math.max(slow, fast) : slow;
}
