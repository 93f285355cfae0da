'use client';
/** The last hour of throughput: the page's own seconds do not reach so far back, so it is asked for. */
import { memo, useMemo } from 'react';
import { drawnLines } from '#components/charts/throughput-lines.ts';
import { FirstPoints, roleMarks, TimeSeries } from '#components/charts/throughput-parts.tsx';
import { useThroughput } from '#components/charts/use-throughput.ts';
import { Answers } from '#components/ui/answers.tsx';
import { gapsOf } from '#lib/format/throughput-points.ts';
import type { Model } from '#lib/model/model.ts';
import type { Transition } from '#lib/model/transition.ts';

type Props = { model: Model; transitions: readonly Transition[] };

/** Drawn anew for a new answer or change of role only. */
export const HourThroughput = memo(
  function HourThroughput(props: Props) {
    return (
      <Answers>
        <HourChart {...props} />
      </Answers>
    );
  },
  (before, after) => before.transitions === after.transitions,
);

function HourChart({ model, transitions }: Props) {
  const { data, error } = useThroughput('1h', 'state');
  return useMemo(() => {
    if (data === undefined)
      return (
        <p className="pt-12 text-center text-text-3">
          {error === null ? 'Reading…' : `The last hour cannot be read: ${error.message}. It is asked for again.`}
        </p>
      );
    const { at, lines, pointMs } = data;
    if (at.length < 2) return <FirstPoints within="a minute" />;
    return (
      <TimeSeries
        at={at}
        lines={drawnLines(data)}
        marks={roleMarks(transitions, at[0] ?? 0, model)}
        gaps={gapsOf(at, lines[0]?.values ?? [], pointMs)}
        label="tasks a second, last hour"
      />
    );
  }, [data, error, transitions, model]);
}
