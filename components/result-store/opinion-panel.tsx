'use client';
import type { ReactNode } from 'react';
import { Sparkline } from '#components/charts/sparkline.tsx';
import { useLive } from '#components/live/live-provider.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
/** Each Sentinel's opinion side by side: a failover needs their agreement, so what matters is who dissents. */
import { ScrollRegion } from '#components/ui/scroll-region.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { Age } from '#components/ui/time.tsx';
import { redisName } from '#lib/format/names.ts';
import { formatCount } from '#lib/format/quantity.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import { nodesOf } from '#lib/model/masters.ts';
import type { Model } from '#lib/model/model.ts';
import type { RedisNode, Sentinel, SentinelView } from '#lib/model/redis.ts';
import { seriesOf } from '#lib/model/samples.ts';
import { type Shown, sentinelStatus } from '#lib/model/status.ts';
import { opinionOfNode, opinionOfSentinel } from './opinions.ts';
import { type ServiceProps, sentinelsOf } from './service-state.ts';

const CELL = 'border-t border-line py-1 pr-4 align-top';

/** The table of opinions on one service. */
export function OpinionPanel(props: ServiceProps) {
  const { service, model } = props;
  const sentinels = sentinelsOf(service, model);
  const nodes = nodesOf(service, model);
  return (
    <Panel
      id={`opinions-${service.id}`}
      title={`Each Sentinel’s opinion of ${service.id}`}
      note="A hatched column is what a silent Sentinel said last."
    >
      {sentinels.length === 0 ? (
        <Empty>No Sentinel is watched. Name them under redis: {service.id}: sentinels: in trellis.yaml.</Empty>
      ) : (
        <ScrollRegion label={`Opinions on ${service.id}`}>
          <table className="w-full text-left text-[12px]">
            <caption className="sr-only">opinions of the Sentinels on {service.id}</caption>
            <thead>
              <tr>
                <td className="sticky left-0 bg-panel" />
                {sentinels.map((sentinel) => (
                  <SentinelHeading key={sentinel.id} {...props} sentinel={sentinel} />
                ))}
              </tr>
            </thead>
            <tbody>
              {[...ABOUT_ITSELF, ...nodes.map(onNode), ...sentinels.map(onSentinel)].map((row) => (
                <tr key={row.id}>
                  <th
                    scope="row"
                    className={`${CELL} sticky left-0 bg-panel font-normal whitespace-nowrap text-text-3`}
                  >
                    {row.title}
                  </th>
                  {sentinels.map((sentinel) => (
                    <OpinionCell key={sentinel.id} {...props} {...{ sentinel, row }} />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </Panel>
  );
}

type Said = { sentinel: Sentinel; view: SentinelView | undefined; model: Model; isFresh: boolean };
/** One question to every Sentinel; `say` gives its answer, null where it has not told. */
type Row = { id: string; title: string; say(said: Said): ReactNode };

const ABOUT_ITSELF: readonly Row[] = [
  {
    ...{ id: 'master', title: 'Names as master' },
    say: ({ view, model }) =>
      view && (view.masterAddress === null ? 'no master' : redisName(view.masterAddress, view.service, model)),
  },
  { id: 'epoch', title: 'Epoch', say: ({ view }) => view?.epoch },
  {
    ...{ id: 'quorum', title: 'Quorum check' },
    say: ({ view, isFresh }) =>
      view?.quorum && (
        <>
          <Opinion shown={quorumShown(view.quorum.ok)} isFresh={isFresh} />
          {!view.quorum.ok && <span className="block text-[11px] text-text-2">{view.quorum.text}</span>}
        </>
      ),
  },
  {
    ...{ id: 'tilt', title: 'TILT' },
    say: ({ sentinel: { tilt }, isFresh }) =>
      tilt === null ? null : tilt ? <b className={isFresh ? 'text-degraded' : ''}>yes: it does not act</b> : 'no',
  },
  {
    ...{ id: 'knows', title: 'Knows' },
    say: ({ view }) => view && `${count(view.otherSentinels, 'other Sentinel')}, ${count(view.replicas, 'replica')}`,
  },
  {
    ...{ id: 'latency', title: 'Answers in' },
    say: ({ sentinel, model }) => {
      const { tookMs = null } = model.readings[sentinel.own] ?? {};
      return (
        tookMs !== null && (
          <span className="inline-flex items-center gap-2 whitespace-nowrap">
            {Math.round(tookMs)} ms <Latency sentinel={sentinel} />
          </span>
        )
      );
    },
  },
];

function onNode(node: RedisNode): Row {
  return {
    ...{ id: node.id, title: `on ${node.name}` },
    say: ({ sentinel, view, isFresh }) =>
      view && <Opinion shown={opinionOfNode(sentinel, view, node)} isFresh={isFresh} />,
  };
}

function onSentinel(other: Sentinel): Row {
  return {
    ...{ id: other.id, title: `on ${other.name}` },
    say: ({ sentinel, view, isFresh }) =>
      other.id === sentinel.id ? (
        <span className="text-text-3">itself</span>
      ) : (
        view && <Opinion shown={opinionOfSentinel(sentinel, other)} isFresh={isFresh} />
      ),
  };
}

type OfSentinel = ServiceProps & { sentinel: Sentinel };

function SentinelHeading({ model, now, selected, sentinel }: OfSentinel) {
  const reading = model.readings[sentinel.own];
  const shown = sentinelStatus(sentinel, model, now);
  const isSelected = selected?.kind === 'sentinels' && selected.id === sentinel.id;
  return (
    <th
      scope="col"
      data-entity={`sentinels/${sentinel.id}`}
      data-status={shown.status}
      aria-current={isSelected || undefined}
      className="py-1 pr-4 align-top font-normal aria-current:bg-raised"
    >
      <span className="block font-semibold whitespace-nowrap text-text">{sentinel.name}</span>
      <span className="block font-mono text-[11px] text-text-3">{sentinel.id}</span>
      <span className="flex flex-wrap items-baseline gap-x-2">
        <StatusMark {...shown} />
        <span className="text-[11px] text-text-3">
          <Age at={reading?.at ?? null} suffix=" ago" />
        </span>
      </span>
    </th>
  );
}

function OpinionCell({ service, model, now, sentinel, row }: OfSentinel & { row: Row }) {
  const view = sentinel.views.find((one) => one.service === service.id);
  const isFresh = isCurrent(model.readings[sentinel.own], now);
  const said = row.say({ sentinel, view, model, isFresh });
  return (
    <td className={`${CELL} ${isFresh ? '' : 'text-stale hatched'}`}>
      {said == null || said === false ? <span className="text-text-3">not told</span> : said}
    </td>
  );
}

function count(number: number | null | undefined, one: string): string {
  return number == null ? `${one}s: not told` : formatCount(number, one);
}

function quorumShown(ok: boolean): Shown {
  return ok ? { status: 'ok', word: 'a failover is possible' } : { status: 'down', word: 'no failover possible' };
}

/** What a silent Sentinel said keeps its word and loses its colour. */
function Opinion({ shown, isFresh }: { shown: Shown; isFresh: boolean }) {
  return <StatusMark status={isFresh ? shown.status : 'stale'} word={shown.word} />;
}

function Latency({ sentinel }: { sentinel: Sentinel }) {
  const series = useLive((live) => live.samples.series);
  const values = series[seriesOf('sentinels', sentinel.id, 'latency')] ?? [];
  return <Sparkline values={values} label={`time to answer of ${sentinel.name}, last 10 minutes`} />;
}
