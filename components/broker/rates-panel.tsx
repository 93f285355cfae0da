'use client';
/** What goes through the cluster as a whole. */
import { Sparkline } from '#components/charts/sparkline.tsx';
import { useLive } from '#components/live/live-provider.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
import { Age } from '#components/ui/time.tsx';
import { formatRate } from '#lib/format/quantity.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { MessageRates } from '#lib/model/rabbitmq.ts';
import { seriesOf } from '#lib/model/samples.ts';

const FIGURES: readonly { figure: keyof MessageRates; title: string }[] = [
  { figure: 'publish', title: 'Publish' },
  { figure: 'deliver', title: 'Deliver' },
  { figure: 'ack', title: 'Ack' },
];

/** Publish, deliver and ack of the cluster, now and over the last minutes. */
export function RatesPanel({ model, now }: { model: Model; now: number }) {
  const samples = useLive((live) => live.samples);
  const [cluster] = Object.values(model.brokerClusters);
  if (cluster === undefined) {
    return (
      <Panel id="rates" title="Rates">
        <Empty>
          No rates yet. They come from /api/overview of the management plugin; Sources tells whether it answers.
        </Empty>
      </Panel>
    );
  }
  const current = isCurrent(model.readings[cluster.by], now);
  const { disabledFlags } = cluster;
  return (
    <Panel
      id="rates"
      title="Rates"
      note={
        <>
          all messages of {cluster.name ?? 'the cluster'}, Celery's own too · {current ? '' : 'last known '}
          <Age at={model.readings[cluster.by]?.at ?? null} suffix=" ago" />
        </>
      }
    >
      <dl data-fresh={current ? 'yes' : 'no'} className="flex flex-wrap gap-x-8 gap-y-2 data-[fresh=no]:hatched">
        {FIGURES.map(({ figure, title }) => (
          <div key={figure} data-figure={figure}>
            <dt className="text-[11px] text-text-3">{title}</dt>
            <dd className={`flex items-center gap-2 text-[16px] font-semibold ${current ? '' : 'text-stale'}`}>
              {formatRate(cluster.rates[figure])}
              <span className={current ? 'text-ok' : 'text-stale'}>
                <Sparkline
                  values={samples.series[seriesOf('brokerClusters', cluster.id, figure)] ?? []}
                  label={`${title} rate over the last ten minutes`}
                />
              </span>
            </dd>
          </div>
        ))}
      </dl>
      {disabledFlags !== null && disabledFlags.length > 0 && (
        <p className="mt-2 text-[12px] break-words text-text-2">
          Feature flags not enabled, which the next upgrade may ask for:{' '}
          <span className="font-mono">{disabledFlags.join(', ')}</span>
        </p>
      )}
    </Panel>
  );
}
