/** The newest transitions beside the rack. */
import Link from 'next/link';
import { ByDay } from '#components/live/by-day.tsx';
import { TransitionLine } from '#components/live/transition-line.tsx';
import { ErrorBoundary } from '#components/ui/error-boundary.tsx';
import type { Model } from '#lib/model/model.ts';
import type { Transition } from '#lib/model/transition.ts';
import { routes } from '#lib/routes.ts';

const ROWS = 40;

/** Newest first. */
export function TimelinePanel({ transitions, model }: { transitions: readonly Transition[]; model: Model }) {
  const rows = transitions.slice(-ROWS).reverse();
  return (
    <section
      aria-labelledby="timeline"
      className="min-w-0 border-line lg:sticky lg:top-[51px] lg:max-h-[calc(100dvh-51px)] lg:overflow-y-auto lg:border-l lg:p-4"
    >
      <div className="mb-1.5 flex items-baseline justify-between">
        <h2 id="timeline" className="text-[14px] font-semibold">
          Timeline
        </h2>
        <Link href={routes.timeline} className="text-[12px] text-accent hover:underline">
          all
        </Link>
      </div>
      <ErrorBoundary what="Timeline">
        {rows.length === 0 && (
          <p className="text-text-3">No change has been seen yet. Changes of role, leader and master appear here.</p>
        )}
        <ByDay
          rows={rows}
          at={(transition) => transition.at}
          line={(transition, underDay) => <TransitionLine key={transition.id} {...{ transition, model, underDay }} />}
        />
      </ErrorBoundary>
    </section>
  );
}
