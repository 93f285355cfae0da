'use client';
/** The tasks page: activity over time, the filter, and the list. */
import Link from 'next/link';
import { SplitPanel } from '#components/charts/throughput-panel.tsx';
import { useThroughputView } from '#components/charts/use-throughput.ts';
import { useNow } from '#components/live/live-provider.tsx';
import { Answers } from '#components/ui/answers.tsx';
import { AskError, codeOf } from '#components/ui/ask.ts';
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
import { routes } from '#lib/routes.ts';
import { ActivityPanel } from './activity-panel.tsx';
import { ExportTasks } from './export-tasks.tsx';
import { isFiltered, NO_FILTER, type TaskView, useTaskView } from './filter.ts';
import { FilterBar } from './filter-bar.tsx';
import { ListActions } from './list-actions.tsx';
import { TaskTable } from './task-table.tsx';
import { NotRead, TasksOff } from './tasks-off.tsx';
import { useTaskCounts, useTaskList } from './use-tasks.ts';

export function TasksView() {
  return (
    <Answers>
      <LivePage title="Tasks" about="every task that Celery told of, as long as it is kept">
        {() => <TasksPage />}
      </LivePage>
    </Answers>
  );
}

/** The chart beside it tells states already. */
const FIRST_SPLIT = 'name';

function TasksPage() {
  const now = useNow();
  const [view] = useTaskView();
  const counts = useTaskCounts(view);
  const { by } = useThroughputView(FIRST_SPLIT);
  if (codeOf(counts.error) === 'TASKS_OFF') return <TasksOff />;
  return (
    <>
      <div className={`grid min-w-0 gap-3 ${by === null ? '' : 'xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]'}`}>
        <ActivityPanel now={now} />
        <SplitPanel first={FIRST_SPLIT} />
      </div>
      <Panel
        id="tasks"
        title="Tasks"
        note={
          <Link href={{ pathname: routes.taskFailures }} className="text-accent hover:underline">
            failures by exception
          </Link>
        }
        actions={<ExportTasks view={view} />}
      >
        <List view={view} counts={counts.data} />
      </Panel>
    </>
  );
}

function List({ view, counts }: { view: TaskView; counts: ReturnType<typeof useTaskCounts>['data'] }) {
  const [, setView] = useTaskView();
  const { head, older, rows, newer, stillSince, leaveTop, backToTop } = useTaskList(view);
  const searchError = head.error instanceof AskError && head.error.code === 'SEARCH_INVALID' ? head.error : null;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = older;
  const hasMore = stillSince === null ? head.data?.next != null : hasNextPage;
  return (
    <>
      <FilterBar counts={counts} searchError={searchError} />
      <ListActions view={view} />
      <div className="mt-2 min-h-[min(40rem,70vh)]">
        {head.isPending ? (
          <p aria-busy className="h-[min(40rem,70vh)] p-6 text-center text-text-3">
            Reading tasks…
          </p>
        ) : head.isError && head.data === undefined && searchError === null ? (
          <NotRead what="The tasks" error={head.error} again={() => void head.refetch()} />
        ) : searchError !== null ? (
          <Empty>The search cannot be read. Mend it above; ? beside it explains how to search.</Empty>
        ) : rows.length === 0 ? (
          <Empty>
            {isFiltered(view) ? (
              <>
                No task passes the filter.{' '}
                <button type="button" className="underline" onClick={() => void setView(NO_FILTER)}>
                  Show everything
                </button>
              </>
            ) : (
              'No task was seen yet. Workers must send events: start them with -E. Sources tells whether events come in.'
            )}
          </Empty>
        ) : (
          <TaskTable
            listKey={JSON.stringify(view)}
            rows={rows}
            sort={view.sort}
            onSort={(sort) => void setView({ sort })}
            newer={newer}
            stillSince={stillSince}
            hasMore={hasMore}
            isReading={isFetchingNextPage}
            isOld={head.isPlaceholderData}
            onLeaveTop={leaveTop}
            onTop={backToTop}
            onEnd={() => {
              if (stillSince !== null && hasNextPage && !isFetchingNextPage) void fetchNextPage();
            }}
          />
        )}
      </div>
      {head.isError && head.data !== undefined && searchError === null && (
        <p role="alert" className="mt-1 text-[12px] text-degraded">
          The list is not current: {head.error.message}
        </p>
      )}
    </>
  );
}
