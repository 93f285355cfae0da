'use client';
/** Every event of a task, as its tellers told it. */
import { useClockZone } from '#components/ui/clock-zone.tsx';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { type ClockZone, formatMoment } from '#lib/format/quantity.ts';
import { EVENT_WORDS } from '#lib/format/task.ts';
import type { TaskEvent } from '#lib/model/task.ts';

type Row = TaskEvent & { key: string };

export function EventsPanel({ events }: { events: readonly TaskEvent[] }) {
  const zone = useClockZone();
  const rows = events.map((event, i): Row => ({ ...event, key: `${i}` }));
  return (
    <Panel id="events" title="Events" note="oldest first, each by the clock of who told it">
      <DataTable
        name="events"
        one="event"
        many="events"
        rows={rows}
        columns={columnsIn(zone)}
        rowId={({ key }) => key}
        rowData={({ type }) => ({ 'data-event': type })}
        empty="No event is kept of it."
        bare
      />
    </Panel>
  );
}

function columnsIn(zone: ClockZone): readonly Column<Row>[] {
  return [
    { id: 'event', title: 'Event', value: ({ type }) => EVENT_WORDS[type] },
    { id: 'at', title: 'At', value: ({ at }) => formatMoment(at, zone) },
    { id: 'by', title: 'Told by', value: ({ by }) => by ?? 'Trellis', wide: true },
    { id: 'pid', title: 'Process', value: ({ pid }) => pid, align: 'right', wide: true },
    { id: 'retries', title: 'Retries', value: ({ retries }) => retries, align: 'right', wide: true },
    {
      ...{ id: 'note', title: 'Note', value: ({ note }: Row) => note },
      cell: ({ note }) => (note === null ? undefined : <span className="break-words">{note}</span>),
    },
  ];
}
