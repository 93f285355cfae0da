'use client';
/** What is expected when, drawn on an axis as a run draws what happened. */
import { formatOffset } from '#lib/format/drill.ts';
import { type Axis, placeOf } from '#lib/format/drill-axis.ts';
import { formatDuration } from '#lib/format/task.ts';
import { DRILL_PATHS, type DrillPlan } from '#lib/model/drill.ts';
import { AxisRow, LANE_PX, LaneRow } from './lane-chart.tsx';
import { useWidth } from './use-width.ts';

const MIDDLE = LANE_PX / 2;
/** What is left free behind the last thing that is expected. */
const FREE = 1.1;
const LEAST_MS = 1_000;

export function PlanTimeline({ plan: { timeline, hypothesis } }: { plan: Pick<DrillPlan, 'timeline' | 'hypothesis'> }) {
  const [measure, widthPx] = useWidth();
  const promised = DRILL_PATHS.flatMap((path) => {
    const ms = hypothesis.outageMs[path];
    return ms === null ? [] : [{ path, ms }];
  });
  const lastMs = Math.max(LEAST_MS, ...timeline.map(({ afterMs }) => afterMs), ...promised.map(({ ms }) => ms));
  const axis: Axis = { from: 0, to: lastMs * FREE, zero: 0, zeroIs: 'fault' };
  return (
    <div className="grid min-w-0 gap-2">
      <figure aria-label="What is expected when" className="min-w-0">
        {promised.map(({ path, ms }) => (
          <LaneRow
            key={path}
            name={`${path} out`}
            value={
              <span className="font-normal text-text-2">{ms === 0 ? 'never' : `${formatDuration(ms)} at most`}</span>
            }
            {...{ axis, widthPx }}
          >
            <rect
              x={0}
              y={7}
              height={10}
              width={placeOf(ms, axis, widthPx)}
              rx={2}
              fill="var(--degraded)"
              opacity={0.45}
            />
          </LaneRow>
        ))}
        <LaneRow name="expected" {...{ axis, widthPx }}>
          {timeline.map(({ afterMs, text }) => (
            <circle
              key={`${afterMs} ${text}`}
              cx={placeOf(afterMs, axis, widthPx)}
              cy={MIDDLE}
              r={4.5}
              fill="var(--accent)"
            >
              <title>{`${formatOffset(afterMs)} ${text}`}</title>
            </circle>
          ))}
        </LaneRow>
        <AxisRow {...{ axis, widthPx, measure }} />
      </figure>
      <ol className="grid gap-0.5 text-[12px]">
        {timeline.map(({ afterMs, text }) => (
          <li key={`${afterMs} ${text}`} className="grid grid-cols-[5rem_minmax(0,1fr)] gap-2">
            <span className="text-right font-mono text-text-3">{formatOffset(afterMs)}</span>
            <span className="min-w-0 break-words">{text}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
