'use client';
/** Throughput over the last ten minutes: tasks as their events tell them, else messages as RabbitMQ counts them. */
import { useNow } from '#components/live/live-provider.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { Samples } from '#lib/model/samples.ts';
import type { Transition } from '#lib/model/transition.ts';
import { MessageChart, MessageFigures } from './message-throughput.tsx';
import { DurationFigures, TaskChart, TaskFigures } from './task-throughput.tsx';

type Props = { model: Model; samples: Samples; transitions: readonly Transition[] };

export function ThroughputPanel({ model, samples, transitions }: Props) {
  const now = useNow();
  const [ingest] = Object.values(model.ingests);
  const isSeeing = ingest?.state === 'consuming' && isCurrent(model.readings[ingest.by], now);
  return (
    <Panel
      id="throughput"
      title="Throughput"
      note={isSeeing ? <TaskFigures /> : <MessageFigures model={model} isBlind={ingest !== undefined} />}
    >
      <div className="h-36" data-throughput={isSeeing ? 'tasks' : 'messages'}>
        {isSeeing ? (
          <TaskChart model={model} transitions={transitions} />
        ) : (
          <MessageChart {...{ model, samples, transitions }} />
        )}
      </div>
      {ingest !== undefined && <DurationFigures isTold={isSeeing} />}
    </Panel>
  );
}
