'use client';
import { useLive, useNow } from '#components/live/live-provider.tsx';
/** The header of every page: which estate this is, whether the screen is live, what time it is there. */
import type { StreamState } from '#components/live/store.ts';
import { formatClock } from '#lib/format/quantity.ts';
import { Navigation } from './navigation.tsx';

const BAND: Readonly<Record<string, string>> = {
  blue: 'border-[#3b82c4]',
  green: 'border-[#3f9d5d]',
  amber: 'border-[#c98a1b]',
  red: 'border-[#d0453c]',
  grey: 'border-line',
};

const STREAM: Readonly<Record<StreamState, { word: string; className: string }>> = {
  connecting: { word: 'connecting', className: 'text-text-3' },
  live: { word: '● live', className: 'text-ok' },
  reconnecting: { word: '○ reconnecting: what you see is getting old', className: 'text-degraded' },
};

/** Environment band, name, stream state, clock. */
export function Header() {
  const estate = useLive((live) => live.estate);
  const stream = useLive((live) => live.stream);
  const now = useNow();
  return (
    <header
      className={`flex flex-wrap items-center gap-x-4 gap-y-1 border-t-4 border-b border-b-line px-4 py-2.5 ${BAND[estate?.colour ?? 'grey']}`}
    >
      <h1 className="text-[15px] font-bold">Trellis</h1>
      {estate !== null && (
        <span className="rounded-sm border border-line bg-raised px-2 text-[12px] font-semibold uppercase">
          {estate.name}
        </span>
      )}
      <Navigation />
      <span role="status" data-stream={stream} className={`ml-auto ${STREAM[stream].className}`}>
        {STREAM[stream].word}
      </span>
      <span className="font-mono text-[12px] text-text-2">{now === 0 ? '--:--:--' : formatClock(now)} UTC</span>
    </header>
  );
}
