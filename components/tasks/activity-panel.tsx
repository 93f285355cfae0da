'use client';
/** Tasks over time, above the list; what is dragged over, or chosen under it, is the stretch of the list. */
import dynamic from 'next/dynamic';
import { memo, useCallback } from 'react';
import { useClockZone } from '#components/ui/clock-zone.tsx';
import { Panel } from '#components/ui/panel.tsx';
import type { TaskActivity } from '#lib/contract/tasks.ts';
import { formatClock } from '#lib/format/quantity.ts';
import { formatDuration, formatTotal } from '#lib/format/task.ts';
import { ACTIVITY_BARS, ACTIVITY_LINES } from './activity-series.ts';
import { useTaskView } from './filter.ts';
import { DEFAULT_RANGE, RANGE_WORDS } from './range.ts';
import { RangeBar } from './range-bar.tsx';
import { useTaskActivity } from './use-tasks.ts';

/** Drawn by a library that the list need not wait for. */
const ActivityChart = dynamic(() => import('./activity-chart.tsx').then((module) => module.ActivityChart), {
  ssr: false,
});

export function ActivityPanel({ now }: { now: number }) {
  const [view, setView] = useTaskView();
  const { data, isError } = useTaskActivity(view);
  const choose = useCallback(
    ({ from, to }: { from: number; to: number }) => void setView({ range: null, from, to }),
    [setView],
  );
  const isAllTimes = view.range === null && view.from === null && view.to === null;
  return (
    <Panel
      id="activity"
      title="Activity"
      note={
        <span className="flex flex-wrap gap-x-3">
          {ACTIVITY_BARS.map(({ id, title, colour }) => (
            <span key={id}>
              <span aria-hidden style={{ color: colour }}>
                ■
              </span>{' '}
              {title}{' '}
              <b className="inline-block min-w-8 font-semibold text-text">
                {data === undefined ? '–' : formatTotal(sum(data[id]))}
              </b>
            </span>
          ))}
          {ACTIVITY_LINES.map(({ id, title, colour, dash }) => (
            <span key={id}>
              <span aria-hidden style={{ color: colour }}>
                {dash === '0' ? '━' : '┅'}
              </span>{' '}
              {title}
            </span>
          ))}
          <span className="text-text-3">
            {isAllTimes ? `last ${RANGE_WORDS[DEFAULT_RANGE]}; the list has all times` : 'drag to narrow'}
          </span>
        </span>
      }
    >
      <div className="h-36">
        {data !== undefined && data.at.length > 0 ? (
          <Chart activity={data} onRange={choose} />
        ) : (
          <p className="pt-12 text-center text-text-3">
            {isError ? 'The activity cannot be read.' : data === undefined ? 'Reading…' : 'No time to show.'}
          </p>
        )}
      </div>
      <div className="mt-2">
        <RangeBar now={now} />
      </div>
    </Panel>
  );
}

type ChartProps = { activity: TaskActivity; onRange(range: { from: number; to: number }): void };

/** Drawn anew for new figures only: the page around it renders with the clock. */
const Chart = memo(function Chart({ activity, onRange }: ChartProps) {
  const zone = useClockZone();
  const slowest = activity.runtimeP95.filter((ms) => ms !== null).reduce((most, ms) => Math.max(most, ms), 0);
  return (
    <figure aria-label="Tasks over time" className="h-full">
      <div aria-hidden className="h-full">
        <ActivityChart activity={activity} onRange={onRange} />
      </div>
      <figcaption className="sr-only">
        From {formatClock(activity.from, zone)} to {formatClock(activity.to, zone)}:{' '}
        {ACTIVITY_BARS.map(({ id, title }) => `${sum(activity[id])} ${title}`).join(', ')}; runtime p95 at most{' '}
        {formatDuration(slowest)}.
      </figcaption>
    </figure>
  );
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
