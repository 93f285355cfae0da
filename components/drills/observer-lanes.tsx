'use client';
/** What each observer saw, a lane each, on the run's one clock. */
import { formatOffset } from '#lib/format/drill.ts';
import { type Axis, distinctMarks, lanesOf, type MarkTone, type PlacedMark } from '#lib/format/drill-axis.ts';
import type { RunMark } from '#lib/model/drill.ts';
import { AxisRow, LANE_PX, LaneRow } from './lane-chart.tsx';
import { useWidth } from './use-width.ts';

const TONE: Readonly<Record<MarkTone, string>> = {
  bad: 'var(--down)',
  good: 'var(--ok)',
  neutral: 'var(--text-3)',
};
const TEXT: Readonly<Record<MarkTone, string>> = { ...TONE, neutral: 'var(--text-2)' };
const RADIUS = 4.5;
const MIDDLE = LANE_PX / 2;

/** The lanes; in words they stand in the list of marks. */
export function ObserverLanes({ marks, axis }: { marks: readonly RunMark[]; axis: Axis }) {
  const [measure, widthPx] = useWidth();
  const lanes = lanesOf(marks, axis, widthPx);
  return (
    <div data-lanes={lanes.length}>
      {lanes.map(({ by, marks: mine }) => (
        <LaneRow key={by} name={<span title={by}>{by}</span>} {...{ axis, widthPx }} data={{ 'data-lane': by }}>
          {mine.map((placed) => (
            <Mark key={`${placed.mark.at} ${placed.mark.text}`} placed={placed} axis={axis} />
          ))}
        </LaneRow>
      ))}
      <AxisRow {...{ axis, widthPx, measure }} />
    </div>
  );
}

/** A diamond for what failed, a disc for what came, a ring for all else: not by colour alone. */
function Mark({ placed: { mark, tone, x, label }, axis }: { placed: PlacedMark; axis: Axis }) {
  return (
    <g>
      <title>{`${formatOffset(mark.at - axis.zero)} ${mark.by}: ${mark.text}`}</title>
      {tone === 'bad' && <path d={`M${x} ${MIDDLE - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z`} fill={TONE.bad} />}
      {tone === 'good' && <circle cx={x} cy={MIDDLE} r={RADIUS} fill={TONE.good} />}
      {tone === 'neutral' && (
        <circle cx={x} cy={MIDDLE} r={RADIUS - 1} fill="var(--panel)" stroke={TONE.neutral} strokeWidth={2} />
      )}
      {label !== null && (
        <text x={label.x} y={MIDDLE + 4} textAnchor={label.anchor} fontSize={11} fill={TEXT[tone]}>
          {label.text}
        </text>
      )}
    </g>
  );
}

/** The same in words, oldest first: for screen readers, for copying, and for what had no room on its lane. */
export function MarkList({ marks, zero }: { marks: readonly RunMark[]; zero: number }) {
  return (
    <ol aria-label="What each observer saw" className="grid gap-0.5 font-mono text-[12px]">
      {distinctMarks(marks).map(({ at, by, text }) => (
        <li key={`${at} ${by} ${text}`} className="grid grid-cols-[5.5rem_7rem_minmax(0,1fr)] gap-2">
          <span className="text-right text-text-3">{formatOffset(at - zero)}</span>
          <span className="truncate text-text-2" title={by}>
            {by}
          </span>
          <span className="min-w-0 break-words">{text}</span>
        </li>
      ))}
    </ol>
  );
}
