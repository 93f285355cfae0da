'use client';
/** What every page waits for: the model and the time. */
import type { ReactNode } from 'react';
import { useLive, useNow } from '#components/live/live-provider.tsx';
import type { Model } from '#lib/model/model.ts';
import { useReveal } from './use-reveal.ts';

export type LivePageProps = {
  title: string;
  /** One sentence on what the page is for. */
  about?: ReactNode;
  /** Only screen readers need its title, and it sets its own margins. */
  quiet?: boolean;
  children: (model: Model, now: number) => ReactNode;
};

/** The page's title, and its content once there is something to show. The space is kept, so that nothing moves. */
export function LivePage({ title, about, quiet = false, children }: LivePageProps) {
  const model = useLive((live) => live.model);
  const waiting = useLive((live) => live.stream === 'connecting');
  const now = useNow();
  const isDrawn = !waiting && now !== 0;
  useReveal(isDrawn);
  return (
    <div className={`grid min-w-0 gap-3 ${quiet ? '' : 'p-4'}`}>
      <div className={quiet ? 'sr-only' : 'flex flex-wrap items-baseline gap-x-3'}>
        <h1 tabIndex={-1} className="text-[16px] font-bold outline-none">
          {title}
        </h1>
        {about !== undefined && <p className="text-[12px] text-text-2">{about}</p>}
      </div>
      {!isDrawn ? (
        <div aria-busy className="min-h-[70vh] rounded-md border border-dashed border-line p-6 text-center text-text-3">
          Waiting for the first picture…
        </div>
      ) : (
        children(model, now)
      )}
    </div>
  );
}
