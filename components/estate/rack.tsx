/** The rack: hosts are columns, layers are rows. A card stays where its host and layer put it. */
import type { Model } from '#lib/model/model.ts';
import { Card } from './card.tsx';
import { type Layer, layersOf, type RackCard } from './layers.tsx';

/** Column for what belongs to no configured host. */
const ELSEWHERE = 'elsewhere';

/** The whole rack at `now` (epoch ms of the server). */
export function Rack({ model, now }: { model: Model; now: number }) {
  const layers = layersOf(model, now);
  const hosts = Object.values(model.hosts);
  const homeless = layers.some((layer) => layer.cards.some((card) => card.host === null));
  const columns = [...hosts.map((host) => host.id), ...(homeless ? [ELSEWHERE] : [])];
  if (columns.length === 0) return <EmptyRack />;
  return (
    <section
      aria-label="Rack"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1).
      tabIndex={0}
      className="overflow-x-auto"
    >
      <table className="w-full border-separate border-spacing-x-2 border-spacing-y-1.5 text-left max-lg:block">
        <thead className="max-lg:hidden">
          <tr>
            <th className="w-28" scope="col">
              <span className="sr-only">Layer</span>
            </th>
            {columns.map((column) => (
              <th key={column} scope="col" className="min-w-60 border-b-2 border-line pb-1 font-semibold">
                {column}{' '}
                <span className="font-mono text-[11px] font-normal text-text-3">{model.hosts[column]?.address}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="max-lg:grid max-lg:gap-3">
          {layers.map((layer) => (
            <LayerRow key={layer.id} layer={layer} columns={columns} now={now} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function LayerRow({ layer, columns, now }: { layer: Layer; columns: readonly string[]; now: number }) {
  return (
    <tr data-layer={layer.id} className="max-lg:grid max-lg:gap-1.5">
      <th scope="row" className="align-top font-semibold max-lg:flex max-lg:items-baseline max-lg:gap-2">
        {layer.title}
        <span className="block text-[11px] font-normal text-text-3">{layer.note}</span>
      </th>
      {columns.map((column) => (
        <td key={column} className="align-top max-lg:grid max-lg:grid-cols-[4rem_minmax(0,1fr)] max-lg:gap-2">
          <span aria-hidden className="pt-1.5 text-[11px] text-text-3 lg:hidden">
            {column}
          </span>
          <Cell cards={layer.cards.filter((card) => (card.host ?? ELSEWHERE) === column)} layer={layer} now={now} />
        </td>
      ))}
    </tr>
  );
}

function Cell({ cards, layer, now }: { cards: readonly RackCard[]; layer: Layer; now: number }) {
  if (cards.length === 0) {
    return (
      <p className="rounded-md border border-dashed border-line px-2.5 py-3 text-center text-[12px] text-text-3">
        no {layer.title.toLowerCase()} seen here
      </p>
    );
  }
  return (
    <div className="grid gap-1.5">
      {cards.map(({ detail, host: _, ...card }) => (
        <Card key={card.id} {...card} now={now}>
          {detail}
        </Card>
      ))}
    </div>
  );
}

function EmptyRack() {
  return (
    <p className="rounded-md border border-dashed border-line p-6 text-center text-text-2">
      No hosts yet. Name them under <code>hosts:</code> in trellis.yaml.
    </p>
  );
}
