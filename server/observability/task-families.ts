/** The counts of tasks as metrics: Flower's names and labels, then celery-exporter's. Pure. */
import type { MetricFamily, MetricSample } from './exposition.ts';
import { addHistogram, createHistogram, type Histogram, histogramSamples } from './histogram.ts';
import { COUNTED_EVENTS, type CountedEvent } from './task-news.ts';
import { OTHER, type Subject } from './task-subject.ts';

/** celery-exporter's own words. */
const EVENT_HELP: Readonly<Record<CountedEvent, string>> = {
  sent: 'Sent when a task message is published.',
  received: 'Sent when the worker receives a task.',
  started: 'Sent just before the worker executes the task.',
  succeeded: 'Sent if the task executed successfully.',
  failed: 'Sent if the execution of the task failed.',
  rejected: 'The task was rejected by the worker, possibly to be re-queued or moved to a dead letter queue.',
  revoked: 'Sent if the task has been revoked.',
  retried: 'Sent if the task failed, but will be retried in the future.',
};

/** Both dialects; a family without series is there all the same, so that it can be found. */
export function familiesOf(subjects: readonly Subject[]): MetricFamily[] {
  return [...flowerFamilies(subjects), ...exporterFamilies(subjects)];
}

/** Flower does not tell queues apart. */
function flowerFamilies(subjects: readonly Subject[]): MetricFamily[] {
  const events: MetricSample[] = [];
  const runtimes: MetricSample[] = [];
  const times: MetricSample[] = [];
  const prefetched: MetricSample[] = [];
  for (const group of Map.groupBy(subjects, ({ worker, name }) => `${worker}\n${name}`).values()) {
    const { worker, name: task } = group[0] as Subject;
    const labels = { task, worker };
    for (const event of COUNTED_EVENTS) {
      const value = sum(group.map(({ counts }) => counts[event]));
      if (value > 0) events.push({ labels: { task, type: `task-${event}`, worker }, value });
    }
    const runtime = joined(group.map((subject) => subject.runtime));
    if (runtime !== null) runtimes.push(...histogramSamples(runtime, labels));
    const waiting = group.filter((subject) => subject.prefetched !== null);
    if (waiting.length === 0) continue;
    times.push({ labels, value: Math.max(...waiting.map(({ prefetchSeconds }) => prefetchSeconds)) });
    prefetched.push({ labels, value: sum(waiting.map((subject) => subject.prefetched ?? 0)) });
  }
  return [
    { name: 'flower_events_total', help: 'Number of events', type: 'counter', samples: events },
    { name: 'flower_task_runtime_seconds', help: 'Task runtime', type: 'histogram', samples: runtimes },
    {
      name: 'flower_task_prefetch_time_seconds',
      help: 'The time the task spent waiting at the celery worker to be executed.',
      ...{ type: 'gauge', samples: times },
    },
    {
      name: 'flower_worker_prefetched_tasks',
      help: 'Number of tasks of given type prefetched at a worker',
      ...{ type: 'gauge', samples: prefetched },
    },
  ];
}

function exporterFamilies(subjects: readonly Subject[]): MetricFamily[] {
  const groups = [...Map.groupBy(subjects, (subject) => JSON.stringify(exporterLabels(subject))).values()];
  const counters = COUNTED_EVENTS.map((event): MetricFamily => {
    const samples = groups.flatMap((group) => (event === 'failed' ? failures(group) : counted(group, event)));
    return { name: `celery_task_${event}_total`, help: EVENT_HELP[event], type: 'counter', samples };
  });
  const histogram = (name: string, help: string, of: (subject: Subject) => Histogram | null): MetricFamily => ({
    ...{ name, help, type: 'histogram' },
    samples: groups.flatMap((group) => {
      const all = joined(group.map(of));
      return all === null ? [] : histogramSamples(all, exporterLabels(group[0] as Subject));
    }),
  });
  return [
    ...counters,
    histogram('celery_task_runtime', 'Histogram of task runtime measurements.', ({ runtime }) => runtime),
    histogram(
      'celery_task_queue_wait_time',
      'Histogram of the time between sent (or the eta, where that is later) and started.',
      ({ wait }) => wait,
    ),
  ];
}

function counted(group: readonly Subject[], event: CountedEvent): MetricSample[] {
  const value = sum(group.map(({ counts }) => counts[event]));
  if (value === 0) return [];
  const { name, hostname, queue_name } = exporterLabels(group[0] as Subject);
  // Publishers are no hosts of workers; this is what celery-exporter calls them when it is told to leave them out.
  const sender = event === 'sent' && hostname !== OTHER ? 'generic' : hostname;
  return [{ labels: { name, hostname: sender, queue_name }, value }];
}

function failures(group: readonly Subject[]): MetricSample[] {
  const exceptions = new Set(group.flatMap((subject) => [...subject.exceptions.keys()]));
  const { name, hostname, queue_name } = exporterLabels(group[0] as Subject);
  return [...exceptions].map((exception) => ({
    labels: { name, hostname, exception, queue_name },
    value: sum(group.map((subject) => subject.exceptions.get(exception) ?? 0)),
  }));
}

function exporterLabels({ name, worker, queue }: Subject): { name: string; hostname: string; queue_name: string } {
  return { name, hostname: hostnameOf(worker), queue_name: queue };
}

/** celery-exporter names a worker by its host: `celery@host-1` is `host-1`. */
export function hostnameOf(worker: string): string {
  return worker.slice(worker.indexOf('@') + 1);
}

function joined(histograms: readonly (Histogram | null)[]): Histogram | null {
  const told = histograms.filter((one) => one !== null);
  if (told.length === 0) return null;
  const all = createHistogram();
  for (const one of told) addHistogram(all, one);
  return all;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
