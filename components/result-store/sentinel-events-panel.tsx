'use client';
/** What the Sentinels published, all of them in one log. */
import { useMemo } from 'react';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { Tag } from '#components/ui/tag.tsx';
import { ClockTime } from '#components/ui/time.tsx';
import type { Model } from '#lib/model/model.ts';
import { type SentinelLine, sentinelLog } from '#lib/model/sentinel-log.ts';

type EventRow = SentinelLine & { saidBy: string; who: string };

/** Messages that change who serves stand out, and so do those that say something is wrong. */
const LOOKS: Readonly<Record<string, 'lead' | 'warn'>> = {
  '+switch-master': 'lead',
  '+sdown': 'warn',
  '+odown': 'warn',
  '+tilt': 'warn',
  '-failover-abort-not-elected': 'warn',
  '-failover-abort-no-good-slave': 'warn',
};

const COLUMNS: readonly Column<EventRow>[] = [
  {
    id: 'time',
    title: 'Time',
    value: ({ at }) => new Date(at).toISOString(),
    cell: ({ at }) => (
      <span className="font-mono whitespace-nowrap">
        <ClockTime at={at} />
      </span>
    ),
  },
  {
    id: 'channel',
    title: 'Channel',
    value: ({ channel }) => channel,
    cell: ({ channel }) => <Tag look={LOOKS[channel] ?? 'plain'}>{channel}</Tag>,
  },
  {
    id: 'text',
    title: 'Message',
    value: ({ text }) => text,
    cell: ({ text }) => <span className="font-mono whitespace-nowrap">{text}</span>,
  },
  {
    id: 'saidBy',
    title: 'Said by',
    value: ({ saidBy }) => saidBy,
    cell: ({ saidBy }) => <span className="whitespace-nowrap">{saidBy}</span>,
  },
  {
    id: 'who',
    title: 'Sentinels',
    wide: true,
    value: ({ who }) => who,
    cell: ({ who }) => <span className="whitespace-nowrap text-text-2">{who}</span>,
  },
];

/** The merged log, newest first. */
export function SentinelEventsPanel({ model }: { model: Model }) {
  const rows = useMemo(() => eventRows(model.sentinels), [model.sentinels]);
  return (
    <Panel
      id="sentinel-events"
      title="Sentinel events"
      note="As Trellis heard them; the same message within 2 s is one line."
    >
      <DataTable
        name="sentinel-events"
        one="event"
        many="events"
        rows={rows}
        columns={COLUMNS}
        rowId={({ at, channel, text, who }) => `${at} ${channel} ${text} ${who}`}
        empty="No Sentinel has published anything since Trellis began to listen. If you expected a failover here, see on the Sources page whether Trellis may psubscribe."
      />
    </Panel>
  );
}

function eventRows(sentinels: Model['sentinels']): EventRow[] {
  const total = Object.keys(sentinels).length;
  return sentinelLog(Object.values(sentinels)).map((line) => ({
    ...line,
    saidBy: `${line.by.length} of ${total}`,
    who: line.by.map((id) => sentinels[id]?.name ?? id).join(', '),
  }));
}
