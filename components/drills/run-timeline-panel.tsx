'use client';
/** Everything that changed in the estate during the run, as the timeline keeps it. */
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { TransitionLine } from '#components/live/transition-line.tsx';
import { ask } from '#components/ui/ask.ts';
import { Empty, Panel } from '#components/ui/panel.tsx';
import type { Timeline } from '#lib/contract/timeline.ts';
import type { Run } from '#lib/model/drill.ts';
import type { Model } from '#lib/model/model.ts';
import { routes, timelineRoute } from '#lib/routes.ts';

const ROWS = 100;

export function RunTimelinePanel({ run, model }: { run: Run; model: Model }) {
  const { startedAt, endedAt } = run;
  const stretch = {
    from: String(startedAt),
    ...(endedAt === null ? {} : { to: String(endedAt) }),
    limit: String(ROWS),
  };
  const { data, error } = useQuery({
    queryKey: ['runs', 'timeline', stretch],
    queryFn: ({ signal }) => ask<Timeline>(`${routes.api.timeline}?${new URLSearchParams(stretch)}`, signal),
  });
  return (
    <Panel
      id="run-timeline"
      title="Timeline of the estate"
      note={
        endedAt !== null && (
          <Link href={timelineRoute(startedAt, endedAt)} className="text-accent hover:underline">
            on the Timeline page
          </Link>
        )
      }
    >
      {data === undefined ? (
        <p className="text-text-2">{error === null ? 'Asking for it…' : `It cannot be read: ${error.message}`}</p>
      ) : data.transitions.length === 0 ? (
        <Empty>Nothing changed that the timeline keeps.</Empty>
      ) : (
        <ol aria-label="Timeline of the estate">
          {data.transitions.map((transition) => (
            <TransitionLine key={transition.id} transition={transition} model={model} />
          ))}
        </ol>
      )}
    </Panel>
  );
}
