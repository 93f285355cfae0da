'use client';
/** Throughput of late: tasks as their events tell them, else messages as RabbitMQ counts them. */
import dynamic from 'next/dynamic';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { RANGE_WORDS } from '#components/charts/throughput-lines.ts';
import { useNow } from '#components/live/live-provider.tsx';
import { Chip, Chips } from '#components/ui/chips.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { Samples } from '#lib/model/samples.ts';
import type { Transition } from '#lib/model/transition.ts';
import { MessageChart, MessageFigures } from './message-throughput.tsx';
import { DurationFigures, TaskChart, TaskFigures } from './task-throughput.tsx';

/** Asks the API, which nothing else of the page needs. */
const HourThroughput = dynamic(() => import('./hour-throughput.tsx').then((module) => module.HourThroughput), {
  ssr: false,
});

const RANGES = ['10m', '1h'] as const;

type Props = { model: Model; samples: Samples; transitions: readonly Transition[] };

export function ThroughputPanel({ model, samples, transitions }: Props) {
  const now = useNow();
  const [range, setRange] = useQueryState('over', parseAsStringLiteral(RANGES).withDefault('10m'));
  const [ingest] = Object.values(model.ingests);
  const isSeeing = ingest?.state === 'consuming' && isCurrent(model.readings[ingest.by], now);
  const isHour = range === '1h' && ingest !== undefined;
  return (
    <Panel
      id="throughput"
      title="Throughput"
      note={isSeeing ? <TaskFigures /> : <MessageFigures model={model} isBlind={ingest !== undefined} />}
    >
      <div className="h-36" data-throughput={isSeeing || isHour ? 'tasks' : 'messages'}>
        {isHour ? (
          <HourThroughput model={model} transitions={transitions} />
        ) : isSeeing ? (
          <TaskChart model={model} transitions={transitions} />
        ) : (
          <MessageChart {...{ model, samples, transitions }} />
        )}
      </div>
      {ingest !== undefined && (
        <div className="mt-2 flex flex-wrap items-center justify-between gap-x-8 gap-y-1">
          <DurationFigures isTold={isSeeing} />
          <Chips legend="Throughput of the last">
            {RANGES.map((one) => (
              <Chip key={one} isOn={range === one} onClick={() => void setRange(one)}>
                {RANGE_WORDS[one].button}
              </Chip>
            ))}
          </Chips>
        </div>
      )}
    </Panel>
  );
}
