'use client';
/** What high availability costs while nothing fails: the estate beside a single broker and Redis. */
import { Copyable } from '#components/ui/copyable.tsx';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { Age } from '#components/ui/time.tsx';
import { type OverviewRow, penaltyText } from '#lib/format/drill-overview.ts';
import { formatDuration, formatTotal } from '#lib/format/task.ts';
import { useOverview } from './use-drills.ts';

const COLUMNS: readonly Column<OverviewRow>[] = [
  { id: 'workload', title: 'Workload', value: ({ workload }) => workload },
  {
    id: 'tasks',
    title: 'Tasks',
    align: 'right',
    value: ({ tasks }) => tasks,
    cell: ({ tasks }) => formatTotal(tasks),
  },
  {
    id: 'standaloneMs',
    title: 'One broker, one Redis',
    align: 'right',
    value: ({ standaloneMs }) => standaloneMs,
    cell: ({ standaloneMs }) => formatDuration(standaloneMs),
  },
  {
    id: 'estateMs',
    title: 'This estate',
    align: 'right',
    value: ({ estateMs }) => estateMs,
    cell: ({ estateMs }) => formatDuration(estateMs),
  },
  {
    id: 'penalty',
    title: 'It takes',
    align: 'right',
    value: ({ standaloneMs, estateMs }) => (standaloneMs === 0 ? null : estateMs / standaloneMs),
    cell: (row) => <b className="font-semibold">{penaltyText(row) ?? '–'}</b>,
  },
];

export function OverviewPanel() {
  const { data, error } = useOverview();
  return (
    <Panel
      id="overview"
      title="What high availability costs while all is well"
      note={
        data == null ? (
          'beside one broker and one Redis'
        ) : (
          <>
            measured <Age at={data.at} suffix=" ago" />
          </>
        )
      }
    >
      {data != null ? (
        <DataTable
          bare
          name="overview"
          one="workload"
          many="workloads"
          rows={data.rows}
          columns={COLUMNS}
          rowId={({ workload }) => workload}
          empty="The measurement has no rows. Measure again."
        />
      ) : (
        <p className="min-w-0 rounded-md border border-dashed border-line p-4 text-center break-words text-text-2">
          {error !== null ? (
            `It cannot be read: ${error.message}`
          ) : data === undefined ? (
            'Asking for it…'
          ) : (
            <>
              Not measured yet. Run <Copyable text="npm run bench -- overview" /> beside the lab.
            </>
          )}
        </p>
      )}
    </Panel>
  );
}
