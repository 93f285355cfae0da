'use client';
/** The schedules that beat sends, as Celery's events show them: last tick, next tick, slots that were missed or sent twice. */
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
import { Age, ClockTime } from '#components/ui/time.tsx';
import type { BeatTicks } from '#lib/contract/beat.ts';
import { formatAge } from '#lib/format/quantity.ts';
import { everyText, nextText, sendersText, slotsText } from '#lib/format/ticks.ts';
import type { Schedule } from '#lib/model/ticks.ts';
import { useTicks } from './use-ticks.ts';

/** Doubled slots that are listed under the table. */
const DOUBLED_TOLD = 5;

export function TicksPanel({ now }: { now: number }) {
  const { data, error } = useTicks();
  const ticks = data !== undefined && 'ticks' in data ? data.ticks : null;
  const refused = data !== undefined && 'error' in data ? data.error : null;
  return (
    <Panel id="ticks" title="Schedules" note={ticks === null ? undefined : <Range ticks={ticks} />}>
      {refused !== null ? (
        <Refusal code={refused.code} detail={refused.detail} />
      ) : error !== null && ticks === null ? (
        <Empty>Trellis does not answer: {error.message}. It is asked again every few seconds.</Empty>
      ) : (
        <div className="min-h-32">{ticks !== null && <Schedules schedules={ticks.schedules} now={now} />}</div>
      )}
    </Panel>
  );
}

function Range({ ticks: { now, from, until, isTruncated } }: { ticks: BeatTicks }) {
  return (
    <>
      what beat sent in the last {formatAge(now - from)}
      {isTruncated && ', as far as it could be looked through'}
      {until < now && (
        <span className="text-degraded">
          ; events are known up to <ClockTime at={until} />
        </span>
      )}
    </>
  );
}

function Refusal({ code, detail }: { code: string; detail: string }) {
  if (code !== 'TASKS_OFF') return <Empty>{detail}</Empty>;
  return (
    <Empty>
      Trellis does not take in Celery’s events: add <code>celery: {'{}'}</code> to trellis.yaml and restart it. Ticks
      show when <code>task_send_sent_event</code> is on where beat runs.
    </Empty>
  );
}

function Schedules({ schedules, now }: { schedules: readonly Schedule[]; now: number }) {
  const doubled = schedules
    .flatMap((schedule) => schedule.doubledSlots.map((slot) => ({ schedule, slot })))
    .sort((a, b) => b.slot.at - a.slot.at)
    .slice(0, DOUBLED_TOLD);
  return (
    <>
      <DataTable
        name="schedules"
        one="schedule"
        many="schedules"
        rows={schedules}
        columns={columns(now)}
        rowId={(schedule) => schedule.id}
        rowData={({ missed, doubled: twice }) => ({ 'data-missed': String(missed), 'data-doubled': String(twice) })}
        bare
        empty={
          <>
            No ticks seen. They show when <code>task_send_sent_event</code> is on where beat runs, after five ticks of a
            schedule.
          </>
        }
      />
      {doubled.length > 0 && (
        <>
          <h3 className="mt-3 mb-1 font-semibold">Sent more than once</h3>
          <ol aria-label="Slots that were sent more than once" className="text-[12px]">
            {doubled.map(({ schedule, slot }) => (
              <li key={`${schedule.id} ${slot.at}`}>
                <ClockTime at={slot.at} /> {schedule.name}{' '}
                <span className="text-text-2">by {sendersText(slot.by)}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}

function columns(now: number): readonly Column<Schedule>[] {
  return [
    {
      id: 'task',
      title: 'Task',
      value: ({ name }) => name,
      cell: ({ name }) => <span className="font-mono">{name}</span>,
    },
    {
      ...{ id: 'kwargs', title: 'Arguments', value: ({ kwargs }: Schedule) => kwargs, wide: true },
      cell: ({ kwargs }) => <span className="block max-w-64 truncate font-mono">{kwargs ?? '–'}</span>,
    },
    { id: 'every', title: 'Interval', value: ({ intervalMs }) => intervalMs, cell: (one) => everyText(one.intervalMs) },
    {
      ...{ id: 'last', title: 'Last tick', value: ({ lastAt }: Schedule) => lastAt },
      cell: ({ lastAt }) => <Age at={lastAt} suffix=" ago" />,
    },
    { id: 'next', title: 'Next', value: ({ nextAt }) => nextAt, cell: (schedule) => nextText(schedule, now) },
    {
      ...{ id: 'missed', title: 'Missed', value: ({ missed }: Schedule) => missed },
      cell: ({ missed, missedAt }) => <Slots count={missed} newestAt={missedAt.at(-1) ?? null} tone="text-down" />,
    },
    {
      ...{ id: 'doubled', title: 'Doubled', value: (schedule: Schedule) => schedule.doubled },
      cell: ({ doubled, doubledSlots }) => (
        <Slots count={doubled} newestAt={doubledSlots.at(-1)?.at ?? null} tone="text-degraded" />
      ),
    },
    {
      ...{ id: 'by', title: 'Sent by', value: ({ lastBy }: Schedule) => lastBy, wide: true },
      cell: ({ lastBy }) => <span className="font-mono">{lastBy}</span>,
    },
  ];
}

function Slots({ count, newestAt, tone }: { count: number; newestAt: number | null; tone: string }) {
  return (
    <span className={count === 0 ? 'text-text-3' : tone}>
      {slotsText(count)}
      {newestAt !== null && (
        <>
          , last <Age at={newestAt} suffix=" ago" />
        </>
      )}
    </span>
  );
}
