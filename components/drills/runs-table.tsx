/** Runs, newest first: what, how it ended, what it cost, who and why. */
import Link from 'next/link';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { Age } from '#components/ui/time.tsx';
import type { ListedRun } from '#lib/contract/drills.ts';
import { formatOutage, isUnderWay, outageMs, runShown, worstOutage } from '#lib/format/drill.ts';
import { isMeasured } from '#lib/format/drill-report.ts';
import { formatTotal } from '#lib/format/task.ts';
import { DRILL_PATHS, type DrillPath } from '#lib/model/drill.ts';
import { runRoute } from '#lib/routes.ts';

export type RunsTableProps = { runs: readonly ListedRun[]; now: number; empty: string };

export function RunsTable({ runs, now, empty }: RunsTableProps) {
  return (
    <DataTable
      bare
      name="runs"
      one="run"
      many="runs"
      rows={runs}
      columns={columnsAt(now)}
      rowId={({ id }) => id}
      rowData={({ id, drill, state, verdict }) => ({
        'data-run-row': id,
        'data-drill-row': drill,
        'data-state': state,
        'data-verdict': verdict ?? '',
      })}
      sort="-at"
      empty={empty}
    />
  );
}

function columnsAt(now: number): readonly Column<ListedRun>[] {
  return [
    {
      id: 'drill',
      title: 'Run',
      value: ({ drill }) => drill,
      cell: ({ id, drill }) => (
        <Link href={runRoute(id)} className="font-semibold text-accent hover:underline">
          {drill}
        </Link>
      ),
    },
    {
      id: 'at',
      title: 'Started',
      value: ({ startedAt }) => startedAt,
      cell: ({ startedAt }) => <Age at={startedAt} suffix=" ago" />,
    },
    {
      id: 'verdict',
      title: 'Verdict',
      value: (run) => runShown(run).word,
      cell: (run) => <StatusMark {...runShown(run)} />,
    },
    { id: 'target', title: 'Target', wide: true, value: ({ target }) => target },
    ...DRILL_PATHS.map((path) => outageColumn(path, now)),
    {
      id: 'lost',
      title: 'Lost',
      align: 'right',
      value: ({ ledger }) => ledger.lost,
      cell: ({ ledger }) => <Wrong count={ledger.lost} of={ledger.published} />,
    },
    {
      id: 'resultsLost',
      title: 'Results lost',
      align: 'right',
      wide: true,
      value: ({ ledger }) => ledger.resultsLost,
      cell: ({ ledger }) => <Wrong count={ledger.resultsLost} of={ledger.published} />,
    },
    { id: 'actor', title: 'By', value: ({ actor }) => actor },
    { id: 'reason', title: 'Why', wide: true, value: ({ reason }) => reason },
  ];
}

function outageColumn(path: DrillPath, now: number): Column<ListedRun> {
  const worst = ({ outages }: ListedRun) => worstOutage(outages, path, now);
  return {
    ...{ id: path, title: `${path} out`, align: 'right', wide: true },
    value: (run) => {
      const outage = worst(run);
      return outage === null ? null : outageMs(outage, run.endedAt ?? now);
    },
    cell: (run) => {
      const outage = worst(run);
      if (!isMeasured(run, path)) return <span className="text-text-3">–</span>;
      if (outage === null) return <span className="text-text-3">{isUnderWay(run) ? 'not yet' : 'not out'}</span>;
      return (
        <span className="whitespace-nowrap">{formatOutage(outageMs(outage, run.endedAt ?? now), outage.errorMs)}</span>
      );
    },
  };
}

function Wrong({ count, of }: { count: number; of: number }) {
  if (of === 0) return <span className="text-text-3">–</span>;
  return <span className={count > 0 ? 'font-semibold text-down' : ''}>{formatTotal(count)}</span>;
}
