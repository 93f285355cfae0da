'use client';
/** Tells screen readers what has just changed, as the timeline shows it to everybody else. */
import { useLive } from '#components/live/live-provider.tsx';
import { describeTransition } from '#lib/format/transition.ts';

export function Announcer() {
  const newest = useLive((live) => live.transitions.at(-1));
  const model = useLive((live) => live.model);
  return (
    <p aria-live="polite" className="sr-only">
      {newest !== undefined && describeTransition(newest, model).title}
    </p>
  );
}
