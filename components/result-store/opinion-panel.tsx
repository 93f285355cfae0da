'use client';
/** Each Sentinel's opinion side by side: a failover needs their agreement, so what matters is who dissents. */
import type { ReactNode } from 'react';
import { Sparkline } from '#components/charts/sparkline.tsx';
import { useLive } from '#components/live/live-provider.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { Age } from '#components/ui/time.tsx';
import { redisName } from '#lib/format/names.ts';
import { formatCount } from '#lib/format/quantity.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { RedisNode, Sentinel } from '#lib/model/redis.ts';
import { seriesOf } from '#lib/model/samples.ts';
import { type Shown, sentinelStatus } from '#lib/model/status.ts';
import { opinionOfNode, opinionOfSentinel } from './opinions.ts';
import { nodesOf, type ServiceProps, sentinelsOf } from './service-state.ts';

const TITLES = ['Sentinel', 'Status', 'Names as master', 'Epoch', 'Quorum check', 'TILT', 'Knows', 'Answers in'];
const CELL = 'border-t border-line py-1 pr-4 align-top';

/** The table of opinions on one service. */
export function OpinionPanel(props: ServiceProps) {
  const { service, model } = props;
  const sentinels = sentinelsOf(service, model);
  const nodes = nodesOf(service, model);
  const columns = [...TITLES.map((title) => ({ id: title, title })), ...[...nodes, ...sentinels].map(onIt)];
  return (
    <Panel
      id={`opinions-${service.id}`}
      title={`Each Sentinel’s opinion of ${service.id}`}
      note="A hatched row is what a silent Sentinel said last."
    >
      {sentinels.length === 0 ? (
        <Empty>No Sentinel is watched. Name them under redis: {service.id}: sentinels: in trellis.yaml.</Empty>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1).
        <div tabIndex={0} className="overflow-x-auto">
          <table className="w-full text-left text-[12px]">
            <caption className="sr-only">opinions of the Sentinels on {service.id}</caption>
            <thead className="text-text-3">
              <tr>
                {columns.map(({ id, title }) => (
                  <th key={id} scope="col" className="py-1 pr-4 font-normal whitespace-nowrap">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sentinels.map((sentinel) => (
                <SentinelRow key={sentinel.id} {...props} {...{ sentinel, sentinels, nodes }} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function onIt({ id, name }: RedisNode | Sentinel) {
  return { id, title: `on ${name}` };
}

type RowProps = ServiceProps & { sentinel: Sentinel; sentinels: readonly Sentinel[]; nodes: readonly RedisNode[] };

function SentinelRow({ service, model, now, selected, sentinel, sentinels, nodes }: RowProps) {
  const reading = model.readings[sentinel.own];
  const shown = sentinelStatus(sentinel, model, now);
  const view = sentinel.views.find((one) => one.service === service.id);
  const isFresh = isCurrent(reading, now);
  const isSelected = selected?.kind === 'sentinels' && selected.id === sentinel.id;
  return (
    <tr
      data-entity={`sentinels/${sentinel.id}`}
      data-status={shown.status}
      className={`${isFresh ? '' : 'hatched text-stale'} ${isSelected ? 'bg-raised outline-2 -outline-offset-2 outline-accent' : ''}`}
    >
      <th scope="row" className={`${CELL} font-normal`}>
        <span className="block font-semibold whitespace-nowrap text-text">{sentinel.name}</span>
        <span className="font-mono text-[11px] text-text-3">{sentinel.id}</span>
      </th>
      <td className={CELL}>
        <StatusMark {...shown} />
        <span className="block text-[11px] text-text-3">
          <Age at={reading?.at ?? null} suffix=" ago" />
        </span>
      </td>
      <Told known={view !== undefined}>
        {view?.masterAddress == null ? 'no master' : redisName(view.masterAddress, service.id, model)}
      </Told>
      <Told known={view?.epoch != null}>{view?.epoch}</Told>
      <Told known={view?.quorum != null}>
        <span className="block min-w-40">
          {view?.quorum && <Opinion shown={quorumShown(view.quorum.ok)} isFresh={isFresh} />}
          {view?.quorum?.ok === false && <span className="block text-[11px] text-text-2">{view.quorum.text}</span>}
        </span>
      </Told>
      <Told known={sentinel.tilt !== null}>
        {sentinel.tilt ? <b className={isFresh ? 'text-degraded' : ''}>yes: it does not act</b> : 'no'}
      </Told>
      <Told known={view !== undefined}>
        {[count(view?.otherSentinels, 'other Sentinel'), count(view?.replicas, 'replica')].map((text) => (
          <span key={text} className="block whitespace-nowrap">
            {text}
          </span>
        ))}
      </Told>
      <Told known={reading?.tookMs != null}>
        <span className="inline-flex items-center gap-2 whitespace-nowrap">
          <Latency sentinel={sentinel} />
          {Math.round(reading?.tookMs ?? 0)} ms
        </span>
      </Told>
      {nodes.map((node) => (
        <Told key={node.id} known={view !== undefined}>
          {view && <Opinion shown={opinionOfNode(sentinel, view, node)} isFresh={isFresh} />}
        </Told>
      ))}
      {sentinels.map((other) => (
        <Told key={other.id} known={view !== undefined}>
          {other.id === sentinel.id ? (
            <span className="text-text-3">itself</span>
          ) : (
            <Opinion shown={opinionOfSentinel(sentinel, other)} isFresh={isFresh} />
          )}
        </Told>
      ))}
    </tr>
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

function Told({ known, children }: { known: boolean; children: ReactNode }) {
  return <td className={CELL}>{known ? children : <span className="text-text-3">not told</span>}</td>;
}

function Latency({ sentinel }: { sentinel: Sentinel }) {
  const series = useLive((live) => live.samples.series);
  const values = series[seriesOf('sentinels', sentinel.id, 'latency')] ?? [];
  return <Sparkline values={values} label={`time to answer of ${sentinel.name}, last 10 minutes`} />;
}
