'use client';
/** What was out on each path, with its error, growing while it goes on; and what was promised of it. */
import { formatOutage, outageMs, worstOutage } from '#lib/format/drill.ts';
import { type Axis, type OutageBar, outageLanes, placeOf } from '#lib/format/drill-axis.ts';
import { isMeasured, outageText } from '#lib/format/drill-report.ts';
import { DRILL_PATHS, type DrillPath, type Hypothesis, type Run } from '#lib/model/drill.ts';
import { AxisRow, LANE_PX, LaneRow } from './lane-chart.tsx';
import { useWidth } from './use-width.ts';

const BAR = { y: 7, height: 10 } as const;
const WHISKER = { top: BAR.y - 2, bottom: BAR.y + BAR.height + 2 } as const;

export type OutageLanesProps = { run: Run; hypothesis: Hypothesis | null; axis: Axis; now: number };

/** A lane for each path; the green line is how far was looked. */
export function OutageLanes({ run, hypothesis, axis, now }: OutageLanesProps) {
  const [measure, widthPx] = useWidth();
  const seenTo = placeOf(run.endedAt ?? now, axis, widthPx);
  return (
    <figure aria-label="Outage of each path">
      {outageLanes(run, axis, now, widthPx).map(({ path, bars }) => (
        <LaneRow
          key={path}
          name={path}
          value={<Figure run={run} path={path} now={now} />}
          {...{ axis, widthPx }}
          data={{ 'data-path-lane': path }}
        >
          {isMeasured(run, path) && <rect x={0} width={seenTo} {...BAR} rx={3} fill="var(--ok)" opacity={0.22} />}
          <Promise axis={axis} widthPx={widthPx} promise={hypothesis?.outageMs[path] ?? null} />
          {bars.map((bar) => (
            <Bar key={bar.from} bar={bar} />
          ))}
        </LaneRow>
      ))}
      <AxisRow {...{ axis, widthPx, measure }} />
      <figcaption className="sr-only">
        {DRILL_PATHS.map((path) => `${path} ${pathText(run, path, now)}`).join('; ')}
      </figcaption>
    </figure>
  );
}

function pathText(run: Run, path: DrillPath, now: number): string {
  return isMeasured(run, path) ? outageText(worstOutage(run.outages, path, now), now) : 'not measured';
}

/** Where what is out from the fault on would break the promise. */
function Promise({ axis, widthPx, promise }: { axis: Axis; widthPx: number; promise: number | null }) {
  if (promise === null || promise === 0 || axis.zeroIs === 'start') return null;
  const x = placeOf(axis.zero + promise, axis, widthPx);
  return <path d={`M${x - 3} 3h3v18h-3`} fill="none" stroke="var(--text-2)" strokeWidth={1.25} />;
}

function Bar({ bar: { x, widthPx, error } }: { bar: OutageBar }) {
  const { top, bottom } = WHISKER;
  const middle = LANE_PX / 2;
  return (
    <g>
      <rect x={x} width={widthPx} {...BAR} rx={2} fill="var(--down)" />
      {error !== null && (
        <path
          d={`M${error.x} ${top}V${bottom}M${error.x} ${middle}h${error.widthPx}M${error.x + error.widthPx} ${top}V${bottom}`}
          stroke="var(--text)"
          strokeWidth={1.25}
          fill="none"
        />
      )}
    </g>
  );
}

type FigureProps = { run: Run; path: DrillPath; now: number };

function Figure({ run, path, now }: FigureProps) {
  if (!isMeasured(run, path)) return <span className="font-normal text-text-3">not measured</span>;
  const worst = worstOutage(run.outages, path, now);
  if (worst === null) return <span className="text-ok">not out</span>;
  const many = run.outages.filter((outage) => outage.path === path).length;
  return (
    <span className="text-down">
      {formatOutage(outageMs(worst, now), worst.errorMs)}
      {worst.to === null && <span className="sr-only"> and still out</span>}
      {many > 1 && <span className="block text-[11px] font-normal text-text-2">the longest of {many}</span>}
    </span>
  );
}
