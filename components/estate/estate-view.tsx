'use client';
/** The estate page: the rack, the queues under it, the timeline beside it. */
import { useLive, useNow } from '#components/live/live-provider.tsx';
import { QueueTable } from './queue-table.tsx';
import { Rack } from './rack.tsx';
import { TimelinePanel } from './timeline-panel.tsx';

/** The home page of Trellis. */
export function EstateView() {
  const model = useLive((live) => live.model);
  const transitions = useLive((live) => live.transitions);
  const connecting = useLive((live) => live.stream === 'connecting');
  const now = useNow();
  if (connecting || now === 0) return <p className="p-6 text-text-2">Waiting for the first picture of the estate…</p>;
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-[minmax(0,1fr)_19rem]">
      <div className="grid min-w-0 content-start gap-4">
        <Rack model={model} now={now} />
        <QueueTable model={model} now={now} />
      </div>
      <TimelinePanel transitions={transitions} model={model} now={now} />
    </div>
  );
}
