/**
 * Counters and durations of tasks in Flower's and celery-exporter's names, from what every commit of the intake changed.
 * Bounded: a label set that finds no more room is counted under `_other`, so that sums stay true. Lives in the ingest
 * thread and is cheap there: one look-up a task. Pure.
 */
import type { CeleryWorker } from '#lib/model/celery.ts';
import type { Task } from '#lib/model/task.ts';
import type { TaskTimes, Written } from '#server/history/tasks/store.ts';
import type { MetricFamily } from './exposition.ts';
import { createHistogram, HISTOGRAM_SERIES, observe } from './histogram.ts';
import { familiesOf } from './task-families.ts';
import { COUNTED_EVENTS, type CountedEvent, newsOf } from './task-news.ts';
import { OTHER, type Subject } from './task-subject.ts';

/** Plain data, so that it may cross threads. */
export type TaskMetricsSnapshot = readonly MetricFamily[];

export type TaskMetrics = {
  /** Counts what is new in a commit. Canaries are left out. */
  add(changed: Written['changed']): void;
  /** Forgets the series of workers that have been gone for ten minutes at `now` (epoch ms). */
  purge(workers: readonly Pick<CeleryWorker, 'id' | 'state' | 'since'>[], now: number): void;
  /** Everything counted since the start of the process. */
  snapshot(): TaskMetricsSnapshot;
};

/** Series of counters and gauges, and of histograms: 5,000 together. */
const PLAIN_SERIES = 1_500;
const HISTOGRAMS_SERIES = 3_500;
/** Sets of labels; each has one series at least. */
const SUBJECTS = 1_500;
/** A gone worker is kept for as long as celery-exporter keeps one. */
const PURGE_AFTER_MS = 600_000;
/** Longer names are cut: labels are no place for texts. */
const LABEL_LENGTH = 200;

/** Counts nothing yet. */
export function createTaskMetrics(): TaskMetrics {
  const subjects = new Map<string, Subject>();
  const other = createSubject(OTHER, OTHER, OTHER);
  let plain = 0;
  let durations = 0;

  function subjectOf(name: string, worker: string, queue: string): Subject {
    const key = `${name}\n${worker}\n${queue}`;
    const known = subjects.get(key);
    if (known !== undefined) return known;
    if (subjects.size >= SUBJECTS) return other;
    const subject = createSubject(name, worker, queue);
    subjects.set(key, subject);
    return subject;
  }

  /** True when the subject got room for so many more series without buckets. */
  function hasRoom(subject: Subject, series: number): boolean {
    if (subject === other) return true;
    if (plain + series > PLAIN_SERIES) return false;
    plain += series;
    subject.plain += series;
    return true;
  }

  function hasHistogramRoom(subject: Subject, histograms: number): boolean {
    if (subject === other) return true;
    const series = histograms * HISTOGRAM_SERIES;
    if (durations + series > HISTOGRAMS_SERIES) return false;
    durations += series;
    subject.durations += series;
    return true;
  }

  function count(subject: Subject, event: CountedEvent, by: number): void {
    if (by === 0) return;
    // Both dialects count it.
    const into = subject.counts[event] > 0 || hasRoom(subject, 2) ? subject : other;
    into.counts[event] += by;
  }

  function countFailure(subject: Subject, exception: string): void {
    const isKnown = subject.exceptions.has(exception);
    const into =
      subject !== other && (isKnown || hasRoom(subject, subject.exceptions.size === 0 ? 2 : 1)) ? subject : other;
    const label = into === other ? OTHER : exception;
    into.exceptions.set(label, (into.exceptions.get(label) ?? 0) + 1);
    into.counts.failed += 1;
  }

  function observeRuntime(subject: Subject, seconds: number): void {
    const into = subject.runtime !== null || hasHistogramRoom(subject, 2) ? subject : other;
    into.runtime ??= createHistogram();
    observe(into.runtime, seconds);
  }

  function observeWait(subject: Subject, seconds: number): void {
    const into = subject.wait !== null || hasHistogramRoom(subject, 1) ? subject : other;
    into.wait ??= createHistogram();
    observe(into.wait, seconds);
  }

  /** Flower's two gauges: what waits in a worker, and how long the newest one waited there (0 once it has ended). */
  function watchPrefetch(subject: Subject, before: TaskTimes | null, after: Task): void {
    if (after.eta !== null) return;
    const change = (after.state === 'RECEIVED' ? 1 : 0) - (before?.state === 'RECEIVED' ? 1 : 0);
    const hasEnded = after.state === 'SUCCESS' || after.state === 'FAILURE';
    if (change === 0 && !hasEnded && after.state !== 'STARTED') return;
    if (subject.prefetched === null && !hasRoom(subject, 2)) return;
    subject.prefetched = Math.max(0, (subject.prefetched ?? 0) + change);
    if (after.receivedAt === null || after.startedAt === null) return;
    subject.prefetchSeconds = hasEnded ? 0 : Math.max(0, after.startedAt - after.receivedAt) / 1_000;
  }

  function addOne({ before, after }: Written['changed'][number]): void {
    if (after.canary) return;
    const name = cut(after.name);
    const queue = cut(after.queue);
    const news = newsOf(before, after);
    // Who publishes is a process with a number in its name: no label.
    if (news.sent > 0) count(subjectOf(name, '', queue), 'sent', news.sent);
    const subject = subjectOf(name, cut(after.worker), queue);
    for (const event of COUNTED_EVENTS) {
      if (event !== 'sent' && event !== 'failed') count(subject, event, news[event]);
    }
    if (news.failed > 0) countFailure(subject, exceptionName(after.exception));
    if (news.succeeded > 0 && after.runtimeMs !== null) observeRuntime(subject, after.runtimeMs / 1_000);
    const isFirstStart = after.startedAt !== null && (before === null || before.startedAt === null);
    if (isFirstStart && after.waitMs !== null) observeWait(subject, after.waitMs / 1_000);
    if (after.worker !== null) watchPrefetch(subject, before, after);
  }

  return {
    add(changed) {
      for (const one of changed) addOne(one);
    },
    purge(workers, now) {
      const gone = workers.filter(({ state, since }) => state !== 'online' && now - since >= PURGE_AFTER_MS);
      const names = new Set(gone.map(({ id }) => cut(id)));
      if (names.size === 0) return;
      for (const [key, subject] of subjects) {
        if (!names.has(subject.worker)) continue;
        plain -= subject.plain;
        durations -= subject.durations;
        subjects.delete(key);
      }
    },
    snapshot: () => familiesOf([...subjects.values(), other]),
  };
}

function createSubject(name: string, worker: string, queue: string): Subject {
  const counts = Object.fromEntries(COUNTED_EVENTS.map((event) => [event, 0])) as Subject['counts'];
  return {
    ...{ name, worker, queue, counts, exceptions: new Map(), runtime: null, wait: null },
    ...{ prefetched: null, prefetchSeconds: 0, plain: 0, durations: 0 },
  };
}

function cut(text: string | null): string {
  return (text ?? '').slice(0, LABEL_LENGTH);
}

/** The exception's class, as celery-exporter finds it. */
function exceptionName(exception: string | null): string {
  return cut(/^[A-Za-z_][\w.]*/.exec(exception ?? '')?.[0] ?? 'UnknownException');
}
