'use client';
/** The forecast page: what would happen if hosts or processes failed now. */
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panels } from '#components/ui/panel.tsx';
import { useSelected } from '#components/ui/use-selected.ts';
import { marginOf, marginText } from '#lib/format/forecast.ts';
import type { Model } from '#lib/model/model.ts';
import { ForecastDetail } from './forecast-detail.tsx';
import { LossMatrix } from './loss-matrix.tsx';
import { ProcessList } from './process-list.tsx';

export function ForecastView() {
  return (
    <LivePage title="Forecast" about="what would happen if a host or a process failed now">
      {(model, now) => <ForecastPage model={model} now={now} />}
    </LivePage>
  );
}

function ForecastPage({ model, now }: { model: Model; now: number }) {
  const [selected] = useSelected();
  const id = selected === null ? null : `${selected.kind}/${selected.id}`;
  if (Object.keys(model.forecasts).length === 0)
    return (
      <Empty>
        Nothing is forecast yet. It takes hosts under <code>hosts:</code> in trellis.yaml, and something that runs on
        them.
      </Empty>
    );
  const margin = marginOf(model, now);
  return (
    <Panels>
      {margin !== null && (
        <p
          className={`text-[14px] ${margin.can === 'any' ? '' : margin.can === 'untold' ? 'text-stale' : 'text-degraded'}`}
        >
          {marginText(margin)}
        </p>
      )}
      <LossMatrix model={model} now={now} selected={id} />
      {id !== null && <ForecastDetail id={id} model={model} now={now} />}
      <ProcessList model={model} now={now} selected={id} />
    </Panels>
  );
}
