'use client';
/** Lines over time, drawn by Recharts; the one place that knows it. */
import {
  CartesianGrid,
  Line,
  LineChart,
  ReferenceArea,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { useClockZone } from '#components/ui/clock-zone.tsx';
import { type ClockZone, formatClock, formatMoment, formatRate } from '#lib/format/quantity.ts';

export type TimeSeriesProps = {
  /** Times (epoch ms), oldest first. */
  at: readonly number[];
  /** One value a time; a gap where it is null. `dash` as in SVG; solid unless told. */
  lines: readonly {
    id: string;
    title: string;
    colour: string;
    dash?: string | undefined;
    values: readonly (number | null)[];
  }[];
  /** Moments worth a mark on the axis. */
  marks: readonly { at: number; title: string }[];
  /** Stretches of which nothing is known; they are shaded. */
  gaps?: readonly { from: number; to: number }[];
  /** What the chart shows, for those who do not see it. */
  label: string;
  /** A value with its unit; a rate by the second unless told. */
  format?: (value: number | null) => string;
};

/** A shorter range shows seconds on its axis, a longer one days. */
const SHORT_MS = 300_000;
const LONG_MS = 86_400_000;

/** Fills its container; nothing moves but the data. */
export function TimeSeries({ at, lines, marks, gaps = [], label, format = formatRate }: TimeSeriesProps) {
  const zone = useClockZone();
  const points = at.map((time, i) => ({
    time,
    ...Object.fromEntries(lines.map(({ id, values }) => [id, values[i] ?? null])),
  }));
  const domain: [number, number] = [at[0] ?? 0, at.at(-1) ?? 1];
  const spanMs = domain[1] - domain[0];
  const clockOf = (time: number) => clockText(time, spanMs, zone);
  const momentOf = (time: number) => momentText(time, spanMs, zone);
  const tick = { fontSize: 11, fill: 'var(--text-3)' };
  return (
    <figure aria-label={label} className="h-full">
      <div aria-hidden className="h-full">
        <ResponsiveContainer width="100%" height="100%">
          <LineChart data={points} margin={{ top: 6, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false}>
            <CartesianGrid stroke="var(--line)" vertical={false} />
            <XAxis
              dataKey="time"
              type="number"
              domain={domain}
              tickFormatter={clockOf}
              tick={tick}
              stroke="var(--line)"
              minTickGap={60}
            />
            <YAxis width={34} tick={tick} stroke="var(--line)" allowDecimals={false} />
            <Tooltip
              isAnimationActive={false}
              contentStyle={{ background: 'var(--panel)', border: '1px solid var(--line)', fontSize: 12 }}
              labelFormatter={(time) => momentOf(Number(time))}
              formatter={(value) => format(typeof value === 'number' ? value : null)}
            />
            {gaps.map(({ from, to }) => (
              <ReferenceArea
                key={from}
                x1={Math.max(from, domain[0])}
                x2={Math.min(to, domain[1])}
                fill="var(--text-3)"
                fillOpacity={0.18}
                strokeOpacity={0}
              />
            ))}
            {marks.map((mark) => (
              <ReferenceLine
                key={`${mark.at} ${mark.title}`}
                x={Math.min(Math.max(mark.at, domain[0]), domain[1])}
                stroke="var(--degraded)"
                strokeDasharray="3 3"
              />
            ))}
            {lines.map(({ id, title, colour, dash }) => (
              <Line
                key={id}
                dataKey={id}
                name={title}
                stroke={colour}
                strokeWidth={1.5}
                strokeDasharray={dash ?? 'none'}
                type="linear"
                dot={false}
                isAnimationActive={false}
              />
            ))}
          </LineChart>
        </ResponsiveContainer>
      </div>
      <figcaption className="sr-only">
        {[
          ...lines.map(({ title, values }) => `${title} ${summaryOf(values, format)}`),
          ...marks.map((mark) => `${momentOf(mark.at)} ${mark.title}`),
          ...gaps.map(({ from, to }) => `${momentOf(from)} to ${momentOf(to)} not seen`),
        ].join('; ')}
      </figcaption>
    </figure>
  );
}

/** `now 20 /s, from 14 /s to 22 /s`. */
function summaryOf(values: readonly (number | null)[], format: (value: number | null) => string): string {
  const told = values.filter((value) => value !== null);
  if (told.length === 0) return 'not told';
  return `now ${format(values.at(-1) ?? null)}, from ${format(Math.min(...told))} to ${format(Math.max(...told))}`;
}

function clockText(time: number, spanMs: number, zone: ClockZone): string {
  const clock = formatClock(time, zone).slice(0, spanMs < SHORT_MS ? 8 : 5);
  return spanMs > LONG_MS ? `${formatMoment(time, zone).slice(5, 10)} ${clock}` : clock;
}

function momentText(time: number, spanMs: number, zone: ClockZone): string {
  return spanMs > LONG_MS ? clockText(time, spanMs, zone) : formatClock(time, zone);
}
