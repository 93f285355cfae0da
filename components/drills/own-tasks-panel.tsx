'use client';
/** What became of the estate's own tasks meanwhile, by state; each leads to the list. */
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { ask } from '#components/ui/ask.ts';
import { Panel } from '#components/ui/panel.tsx';
import type { RunAnswer } from '#lib/contract/drills.ts';
import type { TaskCounts } from '#lib/contract/tasks.ts';
import { isUnderWay } from '#lib/format/drill.ts';
import { formatCount } from '#lib/format/quantity.ts';
import { formatTotal, STATE_MEANINGS, STATE_WORDS } from '#lib/format/task.ts';
import type { Run } from '#lib/model/drill.ts';
import { TASK_STATES, type TaskState } from '#lib/model/task.ts';
import { routes, tasksRoute } from '#lib/routes.ts';

const AGAIN_MS = 5_000;
/** States that a task should not be left in, or should not have ended in. */
const BAD: readonly TaskState[] = ['FAILURE', 'ORPHANED', 'REJECTED'];

export type OwnTasksPanelProps = { run: Run; answer: Pick<RunAnswer, 'ownTasks' | 'schedule'> };

/** Tasks of the time between start and end, and those that were under way at the fault. */
export function OwnTasksPanel({ run, answer }: OwnTasksPanelProps) {
  const { startedAt, endedAt } = run;
  const stretch = { from: String(startedAt), ...(endedAt === null ? {} : { to: String(endedAt) }) };
  const { data, error } = useQuery({
    queryKey: ['runs', 'own-tasks', stretch],
    queryFn: ({ signal }) => ask<TaskCounts>(`${routes.api.taskCounts}?${new URLSearchParams(stretch)}`, signal),
    refetchInterval: isUnderWay(run) ? AGAIN_MS : false,
  });
  return (
    <Panel id="own-tasks" title="The estate's own tasks" note="of the time of the run, without the canaries">
      <AtTheFault {...answer} />
      {data === undefined ? (
        <p className="text-text-2">{error === null ? 'Counting…' : `They cannot be counted: ${error.message}`}</p>
      ) : (
        <dl className="flex flex-wrap gap-x-8 gap-y-2" data-own-tasks={data.total}>
          <Figure count={data.total} word={data.exact ? 'tasks' : 'tasks or more'} stretch={stretch} states={[]} />
          {TASK_STATES.filter((state) => (data.byState[state] ?? 0) > 0).map((state) => (
            <Figure
              key={state}
              count={data.byState[state] ?? 0}
              word={STATE_WORDS[state]}
              means={STATE_MEANINGS[state]}
              isBad={BAD.includes(state)}
              stretch={stretch}
              states={[state]}
            />
          ))}
        </dl>
      )}
    </Panel>
  );
}

type FigureProps = {
  count: number;
  word: string;
  means?: string;
  isBad?: boolean;
  stretch: Readonly<Record<string, string>>;
  states: readonly TaskState[];
};

function Figure({ count, word, means, isBad = false, stretch, states }: FigureProps) {
  return (
    <div className="flex flex-col-reverse" title={means}>
      <dt className="text-[11px] text-text-2">{word}</dt>
      <dd className={`text-[18px] leading-6 font-semibold ${isBad && count > 0 ? 'text-down' : ''}`}>
        <Link
          href={tasksRoute({ ...stretch, ...(states.length === 0 ? {} : { state: states }) })}
          className="hover:underline"
        >
          {formatTotal(count)}
        </Link>
      </dd>
    </div>
  );
}

/** What was under way when the fault began, and what became of the schedule. */
function AtTheFault({ ownTasks, schedule }: OwnTasksPanelProps['answer']) {
  const tasks =
    ownTasks === null
      ? null
      : `${formatCount(ownTasks.inFlight, 'task')} under way at the fault: ${formatTotal(ownTasks.finished)} ended, ${formatTotal(ownTasks.orphaned)} left by a worker that went, ${formatTotal(ownTasks.repeated)} run more than once.`;
  const ticks =
    schedule === null
      ? null
      : `Of the schedule ${formatTotal(schedule.missed)} were missed and ${formatTotal(schedule.doubled)} sent twice.`;
  const isBad = (ownTasks?.orphaned ?? 0) + (schedule?.missed ?? 0) + (schedule?.doubled ?? 0) > 0;
  const said = [tasks, ticks].filter((text) => text !== null);
  if (said.length === 0) return null;
  return <p className={`mb-2 ${isBad ? 'text-degraded' : 'text-text-2'}`}>{said.join(' ')}</p>;
}
