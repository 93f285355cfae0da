'use client';
/** The header of every page: which estate, how it is, whether the screen is live, what time it is there. */
import { Search } from 'lucide-react';
import { useLive, useNow } from '#components/live/live-provider.tsx';
import type { StreamState } from '#components/live/store.ts';
import { useClockZone, useToggleZone } from '#components/ui/clock-zone.tsx';
import { formatClock } from '#lib/format/quantity.ts';
import { type Verdict, verdictOf } from '#lib/format/verdict.ts';
import { Problems } from './problems.tsx';
import { RunningDrill } from './running-drill.tsx';

const BAND: Readonly<Record<string, string>> = {
  blue: 'border-[#3b82c4]',
  green: 'border-[#3f9d5d]',
  amber: 'border-[#c98a1b]',
  red: 'border-[#d0453c]',
  grey: 'border-line',
};

const STREAM: Readonly<Record<StreamState, { word: string; className: string }>> = {
  connecting: { word: '○ connecting', className: 'text-text-3' },
  live: { word: '● live', className: 'text-ok' },
  reconnecting: { word: '○ reconnecting: what you see is getting old', className: 'text-degraded' },
  polling: { word: '◐ polling every 5 s: the stream is cut', className: 'text-degraded' },
};

const TONE: Readonly<Record<Verdict['tone'], string>> = {
  ok: 'text-ok',
  degraded: 'text-degraded',
  down: 'text-down',
  stale: 'text-text-2',
};

/** Environment band, verdict, a drill under way, problems, stream state, clock, palette. */
export function Header({ openPalette }: { openPalette: () => void }) {
  const estate = useLive((live) => live.estate);
  const stream = useLive((live) => live.stream);
  const model = useLive((live) => live.model);
  const now = useNow();
  const zone = useClockZone();
  const toggleZone = useToggleZone();
  const verdict = stream === 'connecting' || now === 0 ? null : verdictOf(model, now);
  return (
    <header
      className={`z-30 flex flex-wrap items-center gap-x-4 gap-y-1 border-t-4 border-b border-b-line bg-canvas px-4 py-2 lg:sticky lg:top-0 lg:min-h-[51px] ${BAND[estate?.colour ?? 'grey']}`}
    >
      <span className="text-[15px] font-bold">Trellis</span>
      {estate !== null && (
        <span className="rounded-sm border border-line bg-raised px-2 text-[12px] font-semibold uppercase">
          {estate.name}
        </span>
      )}
      {/* Two lines are as high as the header is anyway: a long sentence must not move the page below it. */}
      <p
        data-verdict={verdict?.tone}
        title={verdict === null ? undefined : `${verdict.lead} ${verdict.rest}`}
        className="min-w-0 flex-1 basis-56 max-lg:order-last max-lg:basis-full lg:line-clamp-2 lg:leading-[15px]"
      >
        {verdict === null ? (
          <span className="text-text-3">Waiting for the first picture of the estate…</span>
        ) : (
          <>
            <b className={`font-semibold ${TONE[verdict.tone]}`}>{verdict.lead}</b>{' '}
            <span className="text-text-2">{verdict.rest}</span>
          </>
        )}
      </p>
      <span className="ml-auto" />
      <RunningDrill />
      {verdict !== null && <Problems verdict={verdict} model={model} />}
      <span role="status" data-stream={stream} className={STREAM[stream].className}>
        {STREAM[stream].word}
      </span>
      <button
        type="button"
        onClick={toggleZone}
        // A name that ticks would be read out every second while it has the focus.
        aria-label={zone === 'utc' ? 'UTC: show local time instead' : 'local: show UTC instead'}
        className="font-mono text-[12px] text-text-2 hover:text-text"
      >
        <span aria-hidden>{now === 0 ? '--:--:--' : formatClock(now, zone)}</span> {zone === 'utc' ? 'UTC' : 'local'}
      </button>
      <button
        type="button"
        onClick={openPalette}
        aria-label="Open the command palette"
        aria-keyshortcuts="Control+K Meta+K"
        className="inline-flex items-center gap-1 rounded-sm border border-line px-1.5 text-[11px] leading-5 text-text-2 hover:bg-raised"
      >
        <Search aria-hidden size={11} /> <kbd className="font-mono max-lg:hidden">Ctrl K</kbd>
      </button>
    </header>
  );
}
