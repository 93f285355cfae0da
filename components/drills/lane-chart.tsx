'use client';
/** Rows on one time axis: a name at the left, what happened in the middle, a figure at the right. */
import type { ReactNode } from 'react';
import type { Axis, Tick } from '#lib/format/drill-axis.ts';
import { placeOf, ticksOf } from '#lib/format/drill-axis.ts';

/** Of every row, so that charts below each other share their axis. */
const COLUMNS =
  'grid grid-cols-[4.75rem_minmax(0,1fr)_6.25rem] items-center gap-x-2 sm:grid-cols-[6.5rem_minmax(0,1fr)_8rem]';
export const LANE_PX = 24;

export type LaneRowProps = {
  name: ReactNode;
  value?: ReactNode;
  axis: Axis;
  widthPx: number;
  /** Marks that observers told of: drawn with the axis behind them. */
  children: ReactNode;
  data?: Readonly<Record<`data-${string}`, string>>;
};

/** One row; its picture is for the eye, what it says must also stand in words somewhere. */
export function LaneRow({ name, value, axis, widthPx, children, data }: LaneRowProps) {
  return (
    <div className={`${COLUMNS} text-[12px]`} {...data}>
      <span className="min-w-0 truncate text-text-2">{name}</span>
      <svg aria-hidden width={widthPx} height={LANE_PX} className="block max-w-full overflow-hidden">
        <line x1={0} x2={widthPx} y1={LANE_PX - 0.5} y2={LANE_PX - 0.5} stroke="var(--line)" />
        {ticksOf(axis, widthPx).map(({ at, x }) => (
          <line key={at} x1={x} x2={x} y1={0} y2={LANE_PX} stroke="var(--line)" opacity={0.6} />
        ))}
        <ZeroLine axis={axis} widthPx={widthPx} />
        {children}
      </svg>
      <span className="min-w-0 text-right font-semibold">{value}</span>
    </div>
  );
}

/** Where the axis says 0: bold where it is the fault. */
function ZeroLine({ axis, widthPx }: { axis: Axis; widthPx: number }) {
  const x = placeOf(axis.zero, axis, widthPx);
  const isFault = axis.zeroIs === 'fault';
  return (
    <line
      {...{ x1: x, x2: x, y1: 0, y2: LANE_PX }}
      stroke={isFault ? 'var(--maintenance)' : 'var(--text-3)'}
      strokeWidth={isFault ? 1.5 : 1}
      strokeDasharray="4 2"
    />
  );
}

/** The row above or below the lanes that gives them their measure; the element with `measure` tells the width of all. */
export function AxisRow({
  axis,
  widthPx,
  measure,
}: Pick<LaneRowProps, 'axis' | 'widthPx'> & { measure: React.Ref<HTMLDivElement> }) {
  const ticks = ticksOf(axis, widthPx);
  return (
    <div aria-hidden className={`${COLUMNS} text-[11px] text-text-3`}>
      <span className="truncate">{axis.zeroIs === 'fault' ? '0 = fault' : '0 = start'}</span>
      <div ref={measure} className="min-w-0">
        <svg width={widthPx} height={16} className="block max-w-full overflow-hidden">
          <title>time axis</title>
          {ticks.map((tick) => (
            <text
              key={tick.at}
              x={tick.x}
              y={12}
              textAnchor={anchorOf(tick, widthPx)}
              fill="currentColor"
              fontSize={11}
            >
              {tick.label}
            </text>
          ))}
        </svg>
      </div>
      <span />
    </div>
  );
}

const EDGE_PX = 14;

/** Labels at the ends stay inside. */
function anchorOf({ x }: Tick, widthPx: number): 'start' | 'middle' | 'end' {
  if (x < EDGE_PX) return 'start';
  return x > widthPx - EDGE_PX ? 'end' : 'middle';
}
