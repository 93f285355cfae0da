/** The intake of events as metrics. Pure. */
import type { Ingest } from '#lib/model/celery.ts';
import type { Model } from '#lib/model/model.ts';
import type { MetricFamily, MetricSample, MetricType } from './exposition.ts';
import { numbers } from './role-families.ts';
import { isTold } from './told.ts';

const FIGURES: readonly { name: string; type: MetricType; help: string; of(ingest: Ingest): number | null }[] = [
  {
    ...{ name: 'trellis_event_gap_total', type: 'counter' },
    help: 'Starts of tasks, by the workers’ own count, of which no event arrived.',
    of: ({ missedTasks }) => missedTasks,
  },
  {
    ...{ name: 'trellis_ingest_received_total', type: 'counter', help: 'Events received.' },
    of: ({ received }) => received,
  },
  {
    ...{ name: 'trellis_ingest_redelivered_total', type: 'counter', help: 'Messages that the broker delivered again.' },
    of: ({ redelivered }) => redelivered,
  },
  {
    ...{ name: 'trellis_ingest_skewed_total', type: 'counter' },
    help: 'Events whose clock was too far ahead and was set back.',
    of: ({ skewed }) => skewed,
  },
  {
    ...{ name: 'trellis_ingest_backfilled_total', type: 'counter' },
    help: 'Tasks whose end was found in the result store.',
    of: ({ backfilled }) => backfilled,
  },
  {
    ...{ name: 'trellis_ingest_orphaned_total', type: 'counter' },
    help: 'Tasks that were running on a worker that is gone, and whose end nobody knows.',
    of: ({ orphaned }) => orphaned,
  },
  {
    ...{ name: 'trellis_ingest_up', type: 'gauge', help: '1 while events are received and stored.' },
    of: ({ state }) => (state === 'consuming' ? 1 : 0),
  },
  {
    ...{ name: 'trellis_ingest_pending', type: 'gauge', help: 'Events received and not yet stored.' },
    of: ({ pending }) => pending,
  },
  {
    ...{ name: 'trellis_ingest_lag_messages', type: 'gauge', help: 'Messages that wait in the event queue.' },
    of: ({ lagMessages }) => lagMessages,
  },
  {
    ...{ name: 'trellis_ingest_lag_seconds', type: 'gauge', help: 'Age of the newest stored event.' },
    of: ({ lagMs }) => (lagMs === null ? null : lagMs / 1_000),
  },
  {
    ...{ name: 'trellis_ingest_events_per_second', type: 'gauge', help: 'Events received a second.' },
    of: ({ eventsPerSecond }) => eventsPerSecond,
  },
];

/** Every figure of every intake that reports. */
export function ingestFamilies(model: Model, now: number): MetricFamily[] {
  const ingests = Object.values(model.ingests).filter(({ by }) => isTold(model, by, now));
  const figures = FIGURES.map(({ name, type, help, of }): MetricFamily => {
    const samples = ingests.flatMap((ingest): MetricSample[] => numbers({ queue: ingest.id }, of(ingest)));
    return { name, help, type, samples };
  });
  const rejected: MetricFamily = {
    ...{ name: 'trellis_ingest_rejected_total', help: 'Events that were not taken, by reason.', type: 'counter' },
    samples: ingests.flatMap(({ id: queue, rejected: counts }) =>
      Object.entries(counts).map(([reason, value]) => ({ labels: { queue, reason }, value })),
    ),
  };
  return [...figures, rejected];
}
