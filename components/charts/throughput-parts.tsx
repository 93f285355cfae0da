'use client';
/** What the charts of throughput share: the library, loaded late, and the changes of role on the axis. */
import dynamic from 'next/dynamic';
import { describeTransition } from '#lib/format/transition.ts';
import type { Model } from '#lib/model/model.ts';
import type { Transition, TransitionCode } from '#lib/model/transition.ts';

/** Drawn by a library that the first picture need not wait for. */
export const TimeSeries = dynamic(() => import('./time-series.tsx').then((module) => module.TimeSeries), {
  ssr: false,
});

/** Changes of role that may show in the rates. */
const MARKED: ReadonlySet<TransitionCode> = new Set([
  'BrokerNodeRunning',
  'QueueLeader',
  'RedisMaster',
  'ConsulLeader',
  'LockHolder',
]);
/** More marks than these say nothing any more. */
const MARKS = 12;

/** The newest changes of role since `from` (epoch ms), in words. */
export function roleMarks(
  transitions: readonly Transition[],
  from: number,
  model: Model,
): readonly { at: number; title: string }[] {
  return transitions
    .filter(({ code, at }) => MARKED.has(code) && at >= from)
    .slice(-MARKS)
    .map((transition) => ({ at: transition.at, title: describeTransition(transition, model).title }));
}

type LegendFigureProps = { title: string; colour: string; dash?: string | undefined; value: string };

/** One entry of the legend, with what it is now. */
export function LegendFigure({ title, colour, dash, value }: LegendFigureProps) {
  return (
    <span className="inline-flex max-w-full gap-x-1 whitespace-nowrap">
      <span aria-hidden style={{ color: colour }}>
        {dash === undefined ? '■' : '┅'}
      </span>{' '}
      <span className="min-w-0 truncate" title={title}>
        {title}
      </span>{' '}
      <b className="font-semibold text-text">{value}</b>
    </span>
  );
}

/** In place of a chart that has no two points yet. */
export function FirstPoints({ within = 'ten seconds' }: { within?: string }) {
  return <p className="pt-12 text-center text-text-3">The first points appear within {within}.</p>;
}
