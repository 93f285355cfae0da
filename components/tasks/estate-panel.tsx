'use client';
/** What the estate did while a task was on its way. */
import Link from 'next/link';
import { TransitionLine } from '#components/live/transition-line.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { timelineRows } from '#lib/format/timeline.ts';
import type { Model } from '#lib/model/model.ts';
import { isEnded, type Task } from '#lib/model/task.ts';
import { timelineRoute } from '#lib/routes.ts';
import { taskWindow } from './range.ts';
import { useEstateIn } from './use-tasks.ts';

export function EstatePanel({ task, model, now }: { task: Task; model: Model; now: number }) {
  const window = taskWindow(task, isEnded(task.state) ? null : now);
  const { data, error } = useEstateIn(window);
  const rows = timelineRows(data?.transitions ?? [], []);
  return (
    <Panel
      id="estate"
      title="What the estate did meanwhile"
      note="from shortly before it was sent to shortly after its end"
      actions={
        <Link
          href={timelineRoute(window.from, window.to)}
          className="rounded-sm border border-line px-2 text-[12px] text-text-2 hover:bg-raised"
        >
          on the timeline
        </Link>
      }
    >
      {error !== null ? (
        <p role="alert" className="text-degraded">
          The timeline cannot be read: {error.message}
        </p>
      ) : data === undefined ? (
        <p className="text-text-3">Reading the timeline…</p>
      ) : rows.length === 0 ? (
        <p className="text-text-2">No role changed and nothing went away in this time.</p>
      ) : (
        <ol>
          {rows.map((row) =>
            row.kind === 'transition' ? (
              <TransitionLine key={row.transition.id} transition={row.transition} model={model} />
            ) : null,
          )}
        </ol>
      )}
      {data?.next != null && <p className="mt-1 text-[12px] text-text-2">There are more on the timeline.</p>}
    </Panel>
  );
}
