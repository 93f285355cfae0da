'use client';
/** Throughput of task queues as RabbitMQ counts it: shown where task events are not taken in. */
import { memo } from 'react';
import { FirstPoints, LegendFigure, roleMarks, TimeSeries } from '#components/charts/throughput-parts.tsx';
import { Age } from '#components/ui/time.tsx';
import { formatRate } from '#lib/format/quantity.ts';
import type { Model } from '#lib/model/model.ts';
import { taskQueues } from '#lib/model/queues.ts';
import { type Samples, seriesOf } from '#lib/model/samples.ts';
import type { Transition } from '#lib/model/transition.ts';

const RATES = [
  { figure: 'publish', title: 'published', colour: 'var(--accent)' },
  { figure: 'deliver', title: 'delivered', colour: 'var(--ok)' },
  { figure: 'ack', title: 'acknowledged', colour: 'var(--maintenance)' },
] as const;

/** The legend; `isBlind` = task events should come in, and do not. */
export function MessageFigures({ model, isBlind }: { model: Model; isBlind: boolean }) {
  const { rates, waiting, figuresBy } = taskQueues(model.queues);
  const [told] = figuresBy;
  const blind = isBlind && <span className="text-degraded">no task events now: RabbitMQ’s messages instead</span>;
  return (
    <span className="flex flex-wrap gap-x-3">
      {blind}
      {told === undefined ? (
        <span>RabbitMQ has not told the rates of task queues yet</span>
      ) : (
        <>
          {RATES.map(({ figure, title, colour }) => (
            <LegendFigure key={figure} {...{ title, colour, value: formatRate(rates[figure]) }} />
          ))}
          <span>
            <b className="font-semibold text-text">{waiting}</b> waiting
          </span>
          <span className="text-text-3">
            task queues, <Age at={model.readings[told]?.at ?? null} suffix=" ago" />
          </span>
        </>
      )}
    </span>
  );
}

type ChartProps = { model: Model; samples: Samples; transitions: readonly Transition[] };

/** Drawn anew for a new sample or change of role only: the model changes several times a second, and gives only names here. */
export const MessageChart = memo(
  function MessageChart({ model, samples, transitions }: ChartProps) {
    if (samples.at.length < 2) return <FirstPoints />;
    const lines = RATES.map(({ figure, title, colour }) => ({
      ...{ id: figure, title, colour },
      values: samples.series[seriesOf('queues', 'tasks', figure)] ?? [],
    }));
    const marks = roleMarks(transitions, samples.at[0] ?? 0, model);
    const label = 'messages of task queues a second, last ten minutes';
    return <TimeSeries at={samples.at} lines={lines} marks={marks} label={label} />;
  },
  (before, after) => before.samples === after.samples && before.transitions === after.transitions,
);
