'use client';
/** Throughput by state, name, queue or worker; where there is little room it is opened by what it is to be split by. */
import { memo, useMemo } from 'react';
import { codeOf } from '#components/ui/ask.ts';
import { Chip, Chips } from '#components/ui/chips.tsx';
import { Panel } from '#components/ui/panel.tsx';
import type { PointValues, Throughput } from '#lib/contract/throughput.ts';
import { formatAge, formatRate } from '#lib/format/quantity.ts';
import { formatDuration } from '#lib/format/task.ts';
import { gapsOf } from '#lib/format/throughput-points.ts';
import {
  THROUGHPUT_RANGES,
  THROUGHPUT_SPLITS,
  type ThroughputRange,
  type ThroughputSplit,
} from '#lib/model/throughput.ts';
import { drawnLines, RANGE_WORDS, unitOf } from './throughput-lines.ts';
import { LegendFigure, TimeSeries } from './throughput-parts.tsx';
import { useThroughput, useThroughputView } from './use-throughput.ts';

/** `first` = what it is split by until something else is chosen. */
export const SplitPanel = memo(function SplitPanel({ first }: { first: ThroughputSplit }) {
  const { by, over, set } = useThroughputView(first);
  return (
    <Panel id="split" title="Throughput" actions={<Choices by={by} over={over} set={set} />}>
      {by !== null && <Split by={by} over={over} />}
    </Panel>
  );
});

type View = ReturnType<typeof useThroughputView>;

function Choices({ by, over, set }: View) {
  return (
    <div className="flex flex-wrap gap-x-4 gap-y-1.5">
      <Chips legend="Throughput split">
        {THROUGHPUT_SPLITS.map((one) => (
          <Chip key={one} isOn={by === one} onClick={() => void set({ by: by === one ? 'off' : one })}>
            by {one}
          </Chip>
        ))}
      </Chips>
      {by !== null && (
        <Chips legend="Throughput of the last">
          {THROUGHPUT_RANGES.map((one) => (
            <Chip key={one} isOn={over === one} onClick={() => void set({ over: one })}>
              {RANGE_WORDS[one].button}
            </Chip>
          ))}
        </Chips>
      )}
    </div>
  );
}

function Split({ by, over }: { by: ThroughputSplit; over: ThroughputRange }) {
  const { data, error } = useThroughput(over, by);
  const isDrawn = data !== undefined && data.at.length > 1 && !isNothing(data);
  return (
    <>
      <div className="h-32" data-split={isDrawn ? data.by : undefined}>
        {isDrawn ? (
          <Chart answer={data} />
        ) : (
          <p className="px-4 pt-10 text-center text-text-2">{emptyText(over, error, data)}</p>
        )}
      </div>
      {/* As high as the longest legend usually is, so that nothing below it moves. */}
      <div className="mt-1 grid min-h-19 content-start gap-y-0.5 text-[12px] text-text-2">
        {isDrawn && <Figures answer={data} isOld={error !== null} />}
      </div>
    </>
  );
}

/** Nothing was seen to end that has a name. */
function isNothing({ by, lines }: Throughput): boolean {
  return by !== 'state' && lines.every(({ of, values }) => of === null && values.every((value) => value === 0));
}

function emptyText(range: ThroughputRange, error: Error | null, answer: Throughput | undefined): string {
  if (codeOf(error) === 'TASKS_OFF')
    return 'Trellis does not take in Celery’s events: add celery: {} to trellis.yaml and restart it.';
  if (error !== null && answer === undefined)
    return `Throughput cannot be read: ${error.message}. It is asked for again.`;
  if (answer === undefined) return 'Reading…';
  if (answer.at.length > 1) return `No task ended in the ${RANGE_WORDS[range].sentence}.`;
  if (range === '7d') return 'No task is kept yet. Workers must send events: start them with -E.';
  return `The first points appear within ${range === '1h' ? 'a minute' : 'ten seconds'} once events come in; Sources tells whether they do.`;
}

/** Drawn anew for new figures only. */
const Chart = memo(function Chart({ answer }: { answer: Throughput }) {
  const { at, lines, pointMs, by, range } = answer;
  const drawn = useMemo(() => drawnLines(answer), [answer]);
  return (
    <TimeSeries
      at={at}
      lines={drawn}
      marks={NO_MARKS}
      gaps={gapsOf(at, lines[0]?.values ?? [], pointMs)}
      label={`${whatOf(answer)} by ${by}, ${RANGE_WORDS[range].sentence}`}
      format={(value) => formatRate(value, unitOf(answer).name)}
    />
  );
});

const NO_MARKS: readonly never[] = [];

/** The legend with the newest point, and how long tasks took in it. */
function Figures({ answer, isOld }: { answer: Throughput; isOld: boolean }) {
  const silentMs = silenceOf(answer);
  return (
    <>
      <p className="flex flex-wrap gap-x-3">
        {drawnLines(answer).map(({ id, title, colour, dash, values }) => (
          <LegendFigure
            key={id}
            {...{ title, colour, dash, value: formatRate(values.at(-1) ?? null, unitOf(answer).name) }}
          />
        ))}
      </p>
      <p>
        Runtime <Durations p50={answer.runtimeP50} p95={answer.runtimeP95} />; queue wait{' '}
        <Durations p50={answer.waitP50} p95={answer.waitP95} />{' '}
        <span className="text-text-3">
          {whatOf(answer)}
          {answer.countedAt === 'begin' && ', when they began'}
        </span>
        {isOld ? (
          <span className="text-degraded"> not current: Trellis does not answer</span>
        ) : (
          silentMs > answer.pointMs + SILENT_MS && (
            <span className="text-degraded"> no task events for {formatAge(silentMs)}</span>
          )
        )}
      </p>
    </>
  );
}

/** A point takes its own time to be complete, and seconds are told a little late; more is silence. */
const SILENT_MS = 15_000;

/** How long ago the newest point ended; a week has no such. */
function silenceOf({ now, at, pointMs, countedAt }: Throughput): number {
  return countedAt === 'begin' ? 0 : now - (at.at(-1) ?? now) - pointMs;
}

function Durations({ p50, p95 }: { p50: PointValues; p95: PointValues }) {
  return (
    <span className="whitespace-nowrap">
      median <b className="font-semibold text-text">{newestText(p50)}</b>, 95 % within{' '}
      <b className="font-semibold text-text">{newestText(p95)}</b>
    </span>
  );
}

/** The newest that is told: in the last points no task may have ended. */
function newestText(values: PointValues): string {
  const newest = values.findLast((value) => value !== null) ?? null;
  return newest === null ? '–' : formatDuration(newest);
}

/** `tasks a second`, `ended tasks a second`, `tasks a minute`. */
function whatOf(answer: Throughput): string {
  if (answer.range === '7d') return 'tasks a minute';
  return answer.by === 'state' ? 'tasks a second' : 'ended tasks a second';
}
