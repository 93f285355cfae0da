// biome-ignore-all lint/a11y/noRedundantRoles: a table that narrow screens lay out as a grid is no table to browsers unless its roles say so.
/** The rack: hosts are columns, layers are rows. A card stays where its host and layer put it. */
import Link from 'next/link';
import type { CSSProperties } from 'react';
import { ScrollRegion } from '#components/ui/scroll-region.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { forecastShown, hostForecastText } from '#lib/format/forecast.ts';
import type { Forecast } from '#lib/model/forecast.ts';
import type { Model } from '#lib/model/model.ts';
import type { Samples } from '#lib/model/samples.ts';
import { forecastRoute } from '#lib/routes.ts';
import { Card } from './card.tsx';
import type { Layer, RackCard } from './layers.tsx';

/** Column for what belongs to no configured host. */
const ELSEWHERE = 'elsewhere';
const HEAD_REM = 6;
const COLUMN_REM = 15;

export type RackProps = { model: Model; samples: Samples; layers: readonly Layer[]; now: number };

/** The whole rack at `now` (epoch ms of the server). */
export function Rack({ model, samples, layers, now }: RackProps) {
  const hosts = Object.values(model.hosts);
  const homeless = layers.some((layer) => layer.cards.some((card) => card.host === null));
  const columns = [...hosts.map((host) => host.id), ...(homeless ? [ELSEWHERE] : [])];
  if (columns.length === 0) return <EmptyRack />;
  return (
    <ScrollRegion label="Rack">
      <table
        role="table"
        className="w-full table-fixed border-separate border-spacing-x-1.5 border-spacing-y-1.5 text-left max-lg:block lg:min-w-(--rack-width)"
        // Columns that go by what stands in them would move with every word.
        style={{ '--rack-width': `${HEAD_REM + columns.length * COLUMN_REM}rem` } as CSSProperties}
      >
        <thead role="rowgroup" className="max-lg:sr-only">
          <tr role="row">
            <th role="columnheader" className="w-24" scope="col">
              <span className="sr-only">Layer</span>
            </th>
            {columns.map((column) => (
              <th role="columnheader" key={column} scope="col" className="border-b-2 border-line pb-1 font-semibold">
                {column}{' '}
                <span className="font-mono text-[11px] font-normal text-text-3">{model.hosts[column]?.address}</span>
                <HostState cards={layers.flatMap((layer) => layer.cards).filter((card) => card.host === column)} />
                <HostForecast forecast={model.forecasts[`hosts/${column}`]} model={model} now={now} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" className="max-lg:grid max-lg:gap-3">
          {layers.map((layer) => (
            <LayerRow key={layer.id} layer={layer} columns={columns} samples={samples} now={now} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

type LayerProps = { layer: Layer; samples: Samples; now: number };

function LayerRow({ layer, columns, samples, now }: LayerProps & { columns: readonly string[] }) {
  return (
    <tr role="row" data-layer={layer.id} className="max-lg:grid max-lg:gap-1.5">
      <th
        role="rowheader"
        scope="row"
        className="align-top font-semibold max-lg:flex max-lg:items-baseline max-lg:gap-2"
      >
        {layer.title}
        <span className="block text-[11px] font-normal text-text-3">{layer.note}</span>
      </th>
      {columns.map((column) => (
        <td
          role="cell"
          key={column}
          className="align-top max-lg:grid max-lg:grid-cols-[4rem_minmax(0,1fr)] max-lg:gap-2 lg:h-px"
        >
          <span className="pt-1.5 text-[11px] text-text-3 lg:hidden">{column}</span>
          <Cell
            cards={layer.cards.filter((card) => (card.host ?? ELSEWHERE) === column)}
            {...{ layer, samples, now }}
          />
        </td>
      ))}
    </tr>
  );
}

function Cell({ cards, layer, samples, now }: LayerProps & { cards: readonly RackCard[] }) {
  if (cards.length === 0) {
    return (
      <p className="flex items-center justify-center rounded-md border border-dashed border-line px-2.5 py-3 text-center text-[12px] text-text-3 lg:h-full lg:min-h-[51px]">
        no {layer.title.toLowerCase()} seen here
      </p>
    );
  }
  return (
    <div className="grid h-full gap-1.5">
      {cards.map((card) => (
        <Card key={card.id} card={card} now={now} line={card.figure && samples.series[card.figure.series]} />
      ))}
    </div>
  );
}

/** The host in a word: what is not well on it. */
function HostState({ cards }: { cards: readonly RackCard[] }) {
  const ill = cards.filter((card) => card.shown.status !== 'ok').length;
  return (
    <span className="float-right text-[11px] font-normal">
      {ill === 0 ? (
        <StatusMark status="ok" word={`${cards.length} well`} />
      ) : (
        <StatusMark status="degraded" word={`${ill} of ${cards.length} not well`} />
      )}
    </span>
  );
}

/** Whether the host may be lost, in words. */
function HostForecast({ forecast, model, now }: Pick<RackProps, 'model' | 'now'> & { forecast: Forecast | undefined }) {
  // The line is there from the start: what comes later moves nothing.
  if (forecast === undefined) return <span className="block text-[11px]">&nbsp;</span>;
  const { status } = forecastShown(forecast, model, now);
  const text = hostForecastText(forecast, model, now);
  return (
    <Link
      href={forecastRoute(forecast.id)}
      title={text}
      className={`block truncate text-[11px] font-normal hover:underline ${status === 'degraded' || status === 'down' ? 'text-degraded' : 'text-text-3'}`}
    >
      {text}
    </Link>
  );
}

function EmptyRack() {
  return (
    <p className="rounded-md border border-dashed border-line p-6 text-center text-text-2">
      No hosts yet. Name them under <code>hosts:</code> in trellis.yaml.
    </p>
  );
}
