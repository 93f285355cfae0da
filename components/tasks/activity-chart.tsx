'use client';
/** Tasks and their runtimes over time, drawn by Recharts. A drag over it chooses the stretch. */
import { useState } from 'react';
import {
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  type MouseHandlerDataParam,
  ReferenceArea,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { useClockZone } from '#components/ui/clock-zone.tsx';
import type { TaskActivity } from '#lib/contract/tasks.ts';
import { type ClockZone, formatClock, formatMoment } from '#lib/format/quantity.ts';
import { formatDuration, formatTotal } from '#lib/format/task.ts';
import { ACTIVITY_BARS, ACTIVITY_LINES } from './activity-series.ts';
import { draggedRange } from './range.ts';

const DAY_MS = 86_400_000;
const TICK = { fontSize: 11, fill: 'var(--text-3)' };

export type ActivityChartProps = {
  activity: TaskActivity;
  onRange(range: { from: number; to: number }): void;
};

/** Fills its container; nothing moves but the data. */
export function ActivityChart({ activity, onRange }: ActivityChartProps) {
  const zone = useClockZone();
  const [drag, setDrag] = useState<{ anchor: number; end: number } | null>(null);
  const points = activity.at.map((at, i) => ({
    at,
    ...Object.fromEntries([...ACTIVITY_BARS, ...ACTIVITY_LINES].map(({ id }) => [id, activity[id][i] ?? null])),
  }));
  const begin = (place: MouseHandlerDataParam) => {
    const index = indexOf(place);
    if (index !== null) setDrag({ anchor: index, end: index });
  };
  const move = (place: MouseHandlerDataParam) => {
    const index = indexOf(place);
    if (drag !== null && index !== null && index !== drag.end) setDrag({ ...drag, end: index });
  };
  const finish = () => {
    const range = drag === null ? null : draggedRange(drag.anchor, drag.end, activity);
    setDrag(null);
    if (range !== null) onRange(range);
  };
  const [low, high] = drag === null ? [] : [Math.min(drag.anchor, drag.end), Math.max(drag.anchor, drag.end)];
  const [from, to] = [activity.at[low ?? -1], activity.at[high ?? -1]];
  return (
    <ResponsiveContainer width="100%" height="100%">
      <ComposedChart
        data={points}
        margin={{ top: 6, right: 0, bottom: 0, left: 0 }}
        barCategoryGap={1}
        accessibilityLayer={false}
        onMouseDown={begin}
        onMouseMove={move}
        onMouseUp={finish}
        onMouseLeave={() => setDrag(null)}
        style={{ cursor: 'crosshair', userSelect: 'none' }}
      >
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <XAxis
          dataKey="at"
          tickFormatter={(at: number) => tickText(at, activity, zone)}
          tick={TICK}
          stroke="var(--line)"
          minTickGap={50}
        />
        <YAxis yAxisId="tasks" width={38} tick={TICK} stroke="var(--line)" allowDecimals={false} tickCount={4} />
        <YAxis
          yAxisId="time"
          orientation="right"
          width={52}
          tick={TICK}
          stroke="var(--line)"
          tickCount={4}
          tickFormatter={(ms: number) => formatDuration(ms)}
        />
        <Tooltip
          isAnimationActive={false}
          contentStyle={{ background: 'var(--panel)', border: '1px solid var(--line)', fontSize: 12 }}
          labelFormatter={(at) => formatMoment(Number(at), zone)}
          formatter={(value, name) => [textOf(value, String(name)), name]}
        />
        {ACTIVITY_BARS.map(({ id, title, colour }) => (
          <Bar
            key={id}
            yAxisId="tasks"
            dataKey={id}
            name={title}
            stackId="tasks"
            fill={colour}
            fillOpacity={0.75}
            isAnimationActive={false}
          />
        ))}
        {ACTIVITY_LINES.map(({ id, title, colour, dash }) => (
          <Line
            key={id}
            yAxisId="time"
            dataKey={id}
            name={title}
            stroke={colour}
            strokeWidth={1.5}
            strokeDasharray={dash}
            type="linear"
            dot={false}
            isAnimationActive={false}
          />
        ))}
        {from !== undefined && to !== undefined && (
          <ReferenceArea yAxisId="tasks" x1={from} x2={to} fill="var(--accent)" fillOpacity={0.2} />
        )}
      </ComposedChart>
    </ResponsiveContainer>
  );
}

function indexOf({ activeTooltipIndex: index }: MouseHandlerDataParam): number | null {
  return index === undefined || index === null || Number.isNaN(Number(index)) ? null : Number(index);
}

function tickText(at: number, { from, to }: TaskActivity, zone: ClockZone): string {
  const clock = formatClock(at, zone).slice(0, 5);
  return to - from > DAY_MS ? `${formatMoment(at, zone).slice(5, 10)} ${clock}` : clock;
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'number') return 'none ended';
  return ACTIVITY_LINES.some(({ title }) => title === name) ? formatDuration(value) : formatTotal(value);
}
