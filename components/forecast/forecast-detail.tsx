'use client';
/** The selected forecast: what the failure does, layer by layer. */
import { X } from 'lucide-react';
import { Empty, Panel } from '#components/ui/panel.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { Age } from '#components/ui/time.tsx';
import { useSelected } from '#components/ui/use-selected.ts';
import { failingText, forecastShown, formatBand, isGrounded, outcomeShown } from '#lib/format/forecast.ts';
import { entityName } from '#lib/format/names.ts';
import { formatCount } from '#lib/format/quantity.ts';
import { type Effect, FORECAST_LAYERS, type Forecast, type ForecastLayer } from '#lib/model/forecast.ts';
import type { Model } from '#lib/model/model.ts';

const TITLES: Readonly<Record<ForecastLayer, string>> = {
  entrance: 'Entrance',
  publish: 'Publishing',
  queues: 'Queues',
  results: 'Results',
  failover: 'Failover',
  coordination: 'Coordination',
  schedule: 'Schedule',
  workers: 'Workers',
};

type Props = { id: string; model: Model; now: number };

export function ForecastDetail({ id, model, now }: Props) {
  const [, select] = useSelected();
  const forecast = Object.hasOwn(model.forecasts, id) ? model.forecasts[id] : undefined;
  const title = forecast === undefined ? 'Forecast' : `If ${failingText(forecast.failing, model)} failed now`;
  return (
    <div data-entity={id} className="min-w-0 scroll-m-4">
      <Panel
        id="forecast"
        title={title}
        actions={
          <button
            type="button"
            onClick={() => select('forecasts', null)}
            className="inline-flex items-center gap-1 rounded-sm border border-line px-1.5 text-[12px] text-text-2 hover:bg-raised"
          >
            <X aria-hidden size={12} /> Close
          </button>
        }
      >
        {forecast === undefined ? (
          <Empty>There is no such forecast: what it was about is gone, or was never seen.</Empty>
        ) : (
          <Effects forecast={forecast} model={model} now={now} />
        )}
      </Panel>
    </div>
  );
}

function Effects({ forecast, model, now }: Omit<Props, 'id'> & { forecast: Forecast }) {
  const { effects, reason } = forecast;
  const layers = FORECAST_LAYERS.filter((layer) => effects.some((effect) => effect.layer === layer));
  return (
    <>
      <p className="mb-2 flex flex-wrap gap-x-2">
        <StatusMark {...forecastShown(forecast, model, now)} />
        <span className="min-w-0 break-words">{reason}</span>
      </p>
      <dl className="text-[12px]">
        {layers.map((layer) => (
          <div
            key={layer}
            data-layer={layer}
            className="grid gap-x-3 border-t border-line py-1 sm:grid-cols-[7rem_minmax(0,1fr)]"
          >
            <dt className="text-text-3">{TITLES[layer]}</dt>
            {effects
              .filter((effect) => effect.layer === layer)
              .map((effect) => (
                <EffectLine
                  key={`${effect.subject.kind}/${effect.subject.id}#${effect.subject.part} ${effect.text}`}
                  {...{ forecast, effect, model, now }}
                />
              ))}
          </div>
        ))}
      </dl>
    </>
  );
}

type EffectProps = Omit<Props, 'id'> & { forecast: Forecast; effect: Effect };

function EffectLine({ forecast, effect, model, now }: EffectProps) {
  const { outcome, text, by } = effect;
  const shown = outcomeShown(outcome, isGrounded({ ...forecast, effects: [effect] }, model, now));
  return (
    <dd data-outcome={outcome} className="min-w-0 sm:col-start-2">
      <span className="flex flex-wrap gap-x-2">
        <StatusMark {...shown} />
        <span className="min-w-0 break-words">{text}</span>
      </span>
      <span className="flex flex-wrap gap-x-3 text-text-3">
        {factsOf(effect, model).map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
        {by.length > 0 && (
          <span>
            seen <Age at={oldest(by, model)} suffix=" ago" />
          </span>
        )}
      </span>
    </dd>
  );
}

function factsOf({ outcome, successors, outageMs, lostMessages }: Effect, model: Model): string[] {
  const names = successors.map((id) => successorName(id, model));
  return [
    names.length > 0 ? `may take over: ${names.join(', ')}` : null,
    outageMs !== null ? `out for ${formatBand(outageMs)}` : outcome === 'takes-over' ? 'how long cannot be told' : null,
    outcome !== 'loses'
      ? null
      : lostMessages === null
        ? 'how much is lost cannot be told'
        : `${formatCount(lostMessages, 'message')} lost`,
  ].filter((fact) => fact !== null);
}

function successorName(id: string, model: Model): string {
  const kinds = ['brokerNodes', 'redisNodes', 'consulServers', 'beats'] as const;
  const kind = kinds.find((one) => Object.hasOwn(model[one], id));
  return kind === undefined ? id : entityName(kind, id, model);
}

/** When the oldest of the readings answered; null = one of them never did. */
function oldest(by: readonly string[], model: Model): number | null {
  const times = by.map((key) => model.readings[key]?.at ?? null);
  return times.reduce((one, other) => (one === null || other === null ? null : Math.min(one, other)));
}
