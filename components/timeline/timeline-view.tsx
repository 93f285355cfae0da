'use client';
/** The timeline page: every transition, kept over restarts, with the stretches in which Trellis did not see. */
import { ByDay } from '#components/live/by-day.tsx';
import { TransitionLine } from '#components/live/transition-line.tsx';
import { Answers } from '#components/ui/answers.tsx';
import { useClockZone } from '#components/ui/clock-zone.tsx';
import { ExportButtons } from '#components/ui/export-buttons.tsx';
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
import { ClockTime } from '#components/ui/time.tsx';
import type { BlindStretch } from '#lib/contract/timeline.ts';
import { formatAge, formatMoment } from '#lib/format/quantity.ts';
import { blindReason, timelineRows } from '#lib/format/timeline.ts';
import { describeTransition, endpointName } from '#lib/format/transition.ts';
import type { Model } from '#lib/model/model.ts';
import type { Transition } from '#lib/model/transition.ts';
import { useTimelineFilter } from './filter.ts';
import { FilterBar } from './filter-bar.tsx';
import { useTimeline } from './use-timeline.ts';

export function TimelineView() {
  return (
    <Answers>
      <LivePage title="Timeline" about="every change of role, and when Trellis did not see">
        {(model, now) => <TimelinePage model={model} now={now} />}
      </LivePage>
    </Answers>
  );
}

function TimelinePage({ model, now }: { model: Model; now: number }) {
  const [filter] = useTimelineFilter();
  const zone = useClockZone();
  const { query, transitions, blind, history } = useTimeline(filter);
  const rows = timelineRows(transitions, filter.subject === '' && filter.codes.length === 0 ? blind : []);
  const range = [
    filter.from !== null && `from ${formatMoment(filter.from, zone)}`,
    filter.to !== null && `to ${formatMoment(filter.to, zone)}`,
  ].filter((text) => text !== false);
  return (
    <Panel
      id="changes"
      title="Changes"
      note={range.length > 0 ? range.join(' ') : 'newest first, live'}
      actions={<ExportButtons name="timeline" columns={exportColumns(model)} rows={transitions} />}
    >
      <FilterBar now={now} />
      {history?.state === 'failing' && (
        <p role="alert" className="mt-2 text-degraded">
          The history is not being kept: {history.message}
        </p>
      )}
      {query.isError && (
        <p role="alert" className="mt-2 text-down">
          The stored timeline cannot be read: {query.error.message}.{' '}
          <button type="button" className="underline" onClick={() => void query.refetch()}>
            Try again
          </button>
        </p>
      )}
      <ByDay
        rows={rows}
        at={(row) => row.at}
        className="mt-2"
        line={(row, underDay) =>
          row.kind === 'transition' ? (
            <TransitionLine key={row.transition.id} transition={row.transition} model={model} underDay={underDay} />
          ) : (
            <BlindLine key={row.stretch.id} stretch={row.stretch} model={model} now={now} underDay={underDay} />
          )
        }
      />
      {query.isPending && (
        <p aria-busy className="min-h-[50vh] p-4 text-center text-text-3">
          Reading the stored timeline…
        </p>
      )}
      {query.isSuccess && rows.length === 0 && (
        <Empty>
          Nothing changed {range.length > 0 ? 'in this time' : 'yet'}
          {filter.codes.length > 0 || filter.subject !== '' ? ' that the filter lets through' : ''}.
        </Empty>
      )}
      {query.hasNextPage && (
        <button
          type="button"
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
          className="mt-2 rounded-sm border border-line bg-raised px-3 py-1"
        >
          {query.isFetchingNextPage ? 'Reading…' : 'Older changes'}
        </button>
      )}
    </Panel>
  );
}

type BlindLineProps = { stretch: BlindStretch; model: Model; now: number; underDay: boolean };

function BlindLine({ stretch, model, now, underDay }: BlindLineProps) {
  const { what, from, to, code } = stretch;
  return (
    <li data-blind={what} className="hatched grid grid-cols-[4.5rem_1fr] gap-2 border-t border-line py-1.5 text-text-2">
      <span className="font-mono text-[11px] leading-[19px]">
        <ClockTime at={from} underDay={underDay} />
      </span>
      <p className="min-w-0 text-[12px] break-words">
        <b className="font-semibold">
          {what === 'trellis' ? 'Trellis saw nothing' : `Did not see ${endpointName(what, model)}`}
        </b>{' '}
        for {to === null ? `${formatAge(now - from)} so far` : formatAge(to - from)}: {blindReason(code)}
      </p>
    </li>
  );
}

function exportColumns(model: Model) {
  return [
    { id: 'at', value: ({ at }: Transition) => new Date(at).toISOString() },
    { id: 'code', value: ({ code }: Transition) => code },
    { id: 'subject', value: ({ subject }: Transition) => `${subject.kind}/${subject.id}` },
    { id: 'from', value: ({ from }: Transition) => from },
    { id: 'to', value: ({ to }: Transition) => to },
    { id: 'text', value: (one: Transition) => describeTransition(one, model).title },
    { id: 'cause', value: ({ cause }: Transition) => cause?.id ?? null },
  ];
}
