'use client';
/** Throughput of the broker over the last ten minutes, with changes of role on its axis. */
import dynamic from 'next/dynamic';
import { memo } from 'react';
import { Panel } from '#components/ui/panel.tsx';
import { Age } from '#components/ui/time.tsx';
import { formatRate } from '#lib/format/quantity.ts';
import { describeTransition } from '#lib/format/transition.ts';
import type { Model } from '#lib/model/model.ts';
import { taskQueues } from '#lib/model/queues.ts';
import { type Samples, seriesOf } from '#lib/model/samples.ts';
import type { Transition, TransitionCode } from '#lib/model/transition.ts';

/** Drawn by a library that the first picture need not wait for. */
const TimeSeries = dynamic(() => import('#components/charts/time-series.tsx').then((module) => module.TimeSeries), {
  ssr: false,
});

const RATES = [
  { figure: 'publish', title: 'published', colour: 'var(--accent)' },
  { figure: 'deliver', title: 'delivered', colour: 'var(--ok)' },
  { figure: 'ack', title: 'acknowledged', colour: 'var(--maintenance)' },
] as const;

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

type Props = { model: Model; samples: Samples; transitions: readonly Transition[] };

export function ThroughputPanel({ model, samples, transitions }: Props) {
  const { rates, waiting, figuresBy } = taskQueues(model.queues);
  const [told] = figuresBy;
  return (
    <Panel
      id="throughput"
      title="Throughput"
      note={
        told === undefined ? (
          'RabbitMQ has not told the rates of task queues yet'
        ) : (
          <span className="flex flex-wrap gap-x-3">
            {RATES.map(({ figure, title, colour }) => (
              <span key={figure}>
                <span aria-hidden style={{ color: colour }}>
                  ■
                </span>{' '}
                {title} <b className="font-semibold text-text">{formatRate(rates[figure])}</b>
              </span>
            ))}
            <span>
              <b className="font-semibold text-text">{waiting}</b> waiting
            </span>
            <span className="text-text-3">
              task queues, <Age at={model.readings[told]?.at ?? null} suffix=" ago" />
            </span>
          </span>
        )
      }
    >
      <div className="h-36">
        {samples.at.length < 2 ? (
          <p className="pt-12 text-center text-text-3">The first points appear within ten seconds.</p>
        ) : (
          <Chart {...{ model, samples, transitions }} />
        )}
      </div>
    </Panel>
  );
}

/** Drawn anew for a new sample or change of role only: the model changes several times a second, and gives only names here. */
const Chart = memo(
  function Chart({ model, samples, transitions }: Props) {
    const lines = RATES.map(({ figure, title, colour }) => ({
      ...{ id: figure, title, colour },
      values: samples.series[seriesOf('queues', 'tasks', figure)] ?? [],
    }));
    const from = samples.at[0] ?? 0;
    const marks = transitions
      .filter(({ code, at }) => MARKED.has(code) && at >= from)
      .slice(-MARKS)
      .map((transition) => ({ at: transition.at, title: describeTransition(transition, model).title }));
    const label = 'messages of task queues a second, last ten minutes';
    return <TimeSeries at={samples.at} lines={lines} marks={marks} label={label} />;
  },
  (before, after) => before.samples === after.samples && before.transitions === after.transitions,
);
