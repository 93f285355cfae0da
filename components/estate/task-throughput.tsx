'use client';
/** Throughput of tasks as Celery's events tell it. */
import { memo, useMemo } from 'react';
import { Sparkline } from '#components/charts/sparkline.tsx';
import { STATE_LINES } from '#components/charts/throughput-lines.ts';
import { FirstPoints, LegendFigure, roleMarks, TimeSeries } from '#components/charts/throughput-parts.tsx';
import { useLive } from '#components/live/live-provider.tsx';
import type { Live } from '#components/live/store.ts';
import { formatRate } from '#lib/format/quantity.ts';
import { formatDuration } from '#lib/format/task.ts';
import {
  currentThroughput,
  gapsOf,
  newestPoint,
  TEN_MINUTES,
  throughputPoints,
} from '#lib/format/throughput-points.ts';
import type { Model } from '#lib/model/model.ts';
import type { Transition } from '#lib/model/transition.ts';

const DURATIONS = [
  { title: 'Runtime', p50: 'runtimeP50', p95: 'runtimeP95' },
  { title: 'Queue wait', p50: 'waitP50', p95: 'waitP95' },
] as const;

const secondsOf = (live: Live) => live.throughput;

/** The points; made anew when one more is complete, every five seconds. */
function usePoints() {
  const seconds = useLive(secondsOf);
  const newest = newestPoint(seconds);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a second more of the same point changes nothing.
  return useMemo(() => throughputPoints(seconds), [newest]);
}

/** The legend, with the mean of the last seconds. */
export function TaskFigures() {
  const now = currentThroughput(useLive(secondsOf));
  return (
    <span className="flex flex-wrap gap-x-3">
      {STATE_LINES.map(({ id, title, colour }) => (
        <LegendFigure key={id} {...{ title, colour, value: formatRate(now[id]) }} />
      ))}
      <span className="text-text-3">tasks, by their events</span>
    </span>
  );
}

/** Drawn anew for a new point or change of role only: the model changes several times a second, and gives only names here. */
export const TaskChart = memo(
  function TaskChart({ model, transitions }: { model: Model; transitions: readonly Transition[] }) {
    const points = usePoints();
    return useMemo(() => {
      if (points.at.length < 2) return <FirstPoints />;
      return (
        <TimeSeries
          at={points.at}
          lines={STATE_LINES.map((line) => ({ ...line, values: points.rates[line.id] }))}
          marks={roleMarks(transitions, points.at[0] ?? 0, model)}
          gaps={gapsOf(points.at, points.rates.received, TEN_MINUTES.pointMs)}
          label="tasks a second, last ten minutes"
        />
      );
    }, [points, transitions, model]);
  },
  (before, after) => before.transitions === after.transitions,
);

/** How long tasks run and wait; `isTold` false = no events come in, so that nobody can tell. */
export function DurationFigures({ isTold }: { isTold: boolean }) {
  const now = currentThroughput(useLive(secondsOf));
  const { durations } = usePoints();
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-1 text-[12px] text-text-2">
      {DURATIONS.map(({ title, p50, p95 }) => (
        <div key={title} className="flex items-center gap-2" data-figure={p95}>
          <dt>{title}</dt>
          <dd className="flex items-center gap-2">
            <span className="whitespace-nowrap">
              median <b className="font-semibold text-text">{durationText(isTold ? now[p50] : null)}</b>, 95 % within{' '}
              <b className="font-semibold text-text">{durationText(isTold ? now[p95] : null)}</b>
            </span>
            <span className="text-text-3">
              <Sparkline values={durations[p95]} label={`${title}, 95th percentile over the last ten minutes`} />
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function durationText(durationMs: number | null): string {
  return durationMs === null ? '–' : formatDuration(durationMs);
}
