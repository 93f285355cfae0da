'use client';
/** The estate page: the rack with the live path, throughput under it, the timeline beside it. */
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useLive } from '#components/live/live-provider.tsx';
import { LivePage } from '#components/ui/live-page.tsx';
import { Panel, Panels } from '#components/ui/panel.tsx';
import type { Model } from '#lib/model/model.ts';
import { layersOf } from './layers.tsx';
import { QueueTable } from './queue-table.tsx';
import { Rack } from './rack.tsx';
import { RackTable } from './rack-table.tsx';
import { ThroughputPanel } from './throughput-panel.tsx';
import { TimelinePanel } from './timeline-panel.tsx';

const VIEWS = ['rack', 'table'] as const;

/** The home page of Trellis. */
export function EstateView() {
  return (
    <LivePage title="Estate" quiet>
      {(model, now) => <Estate model={model} now={now} />}
    </LivePage>
  );
}

function Estate({ model, now }: { model: Model; now: number }) {
  const transitions = useLive((live) => live.transitions);
  const samples = useLive((live) => live.samples);
  const [view, setView] = useQueryState('view', parseAsStringLiteral(VIEWS).withDefault('rack'));
  const layers = layersOf(model, now);
  const other = view === 'rack' ? 'table' : 'rack';
  return (
    <div className="grid lg:grid-cols-[minmax(0,1fr)_17.5rem]">
      <div className="grid min-w-0 content-start gap-3 p-4">
        <Panels>
          <Panel
            id="rack"
            title="Rack"
            bare
            note="a task passes 1 publish → 2 broker → 3 work → 4 result"
            actions={
              <button
                type="button"
                onClick={() => void setView(other)}
                className="rounded-sm border border-line px-2 text-[12px] text-text-2 hover:bg-raised"
              >
                as {other}
              </button>
            }
          >
            {view === 'rack' ? <Rack {...{ model, samples, layers, now }} /> : <RackTable layers={layers} now={now} />}
          </Panel>
          <ThroughputPanel model={model} samples={samples} transitions={transitions} />
          <QueueTable model={model} now={now} />
        </Panels>
      </div>
      <div className="max-lg:p-4">
        <TimelinePanel transitions={transitions} model={model} />
      </div>
    </div>
  );
}
