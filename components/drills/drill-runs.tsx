'use client';
/** The runs of one drill, or of all. */
import { useNow } from '#components/live/live-provider.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
import type { DrillId } from '#lib/model/drill.ts';
import { RunsTable } from './runs-table.tsx';
import { useRuns } from './use-drills.ts';

/** null = of all. */
export function DrillRuns({ drill }: { drill: DrillId | null }) {
  const now = useNow();
  const { data, error } = useRuns(drill);
  return (
    <Panel id="runs" title="Runs" note="newest first; each keeps its address">
      {data === undefined ? (
        <Empty>{error === null ? 'Asking for the runs…' : `The runs cannot be read: ${error.message}`}</Empty>
      ) : (
        <RunsTable
          runs={data.runs}
          now={now}
          empty={
            drill === null
              ? 'No drill was run yet. Begin with one that is reversible or moves a role: redis-switch, broker-switch or beat-handover.'
              : 'This drill was not run yet.'
          }
        />
      )}
    </Panel>
  );
}
