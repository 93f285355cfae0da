'use client';
/** One task: what it is, what happened to it, its workflow, and what the estate did meanwhile. */
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useNow } from '#components/live/live-provider.tsx';
import { Answers } from '#components/ui/answers.tsx';
import { codeOf } from '#components/ui/ask.ts';
import { Copyable } from '#components/ui/copyable.tsx';
import { LivePage } from '#components/ui/live-page.tsx';
import { Panels } from '#components/ui/panel.tsx';
import type { Model } from '#lib/model/model.ts';
import { routes, taskIdOf, tasksRoute } from '#lib/routes.ts';
import { AttemptsPanel } from './attempts-panel.tsx';
import { EstatePanel } from './estate-panel.tsx';
import { EventsPanel } from './events-panel.tsx';
import { TaskPanel } from './task-panel.tsx';
import { NotRead } from './tasks-off.tsx';
import { useTask } from './use-tasks.ts';
import { WorkflowPanel } from './workflow-panel.tsx';

export function TaskView() {
  const id = taskIdOf(usePathname());
  return (
    <Answers>
      <LivePage title="Task" about={<BackToList />}>
        {(model) => (id === null ? <NotFound id="" /> : <TaskPage key={id} id={id} model={model} />)}
      </LivePage>
    </Answers>
  );
}

function BackToList() {
  return (
    <Link href={{ pathname: routes.tasks }} className="text-accent hover:underline">
      all tasks
    </Link>
  );
}

function TaskPage({ id, model }: { id: string; model: Model }) {
  const now = useNow();
  const { data, error, refetch } = useTask(id);
  if (codeOf(error) === 'TASK_UNKNOWN' || codeOf(error) === 'INVALID_QUERY') return <NotFound id={id} />;
  if (data === undefined)
    return error === null ? (
      <p aria-busy className="min-h-[70vh] p-6 text-center text-text-3">
        Reading the task…
      </p>
    ) : (
      <NotRead what="The task" error={error} again={() => void refetch()} />
    );
  return (
    <Panels>
      <TaskPanel task={data.task} model={model} now={now} />
      <AttemptsPanel task={data.task} now={now} />
      <WorkflowPanel {...data} />
      <EventsPanel events={data.task.events} />
      <EstatePanel task={data.task} model={model} now={now} />
    </Panels>
  );
}

function NotFound({ id }: { id: string }) {
  return (
    <div data-not-found className="grid justify-items-start gap-2 rounded-md border border-dashed border-line p-4">
      <p className="font-semibold">Trellis keeps no task with this id.</p>
      {id !== '' && <Copyable text={id} />}
      <p className="text-text-2">One of these may be the reason:</p>
      <ul className="list-disc pl-5 text-text-2">
        <li>It is older than tasks are kept (tasks.keepDays in trellis.yaml).</li>
        <li>No worker has it yet, and its publisher does not send task-sent events (task_send_sent_event).</li>
        <li>Its worker sends no task events: start it with -E. Findings name such workers.</li>
        <li>Its events came while Trellis took none in. The timeline shows when that was.</li>
        <li>The id is not complete, or of another Celery.</li>
      </ul>
      {id.length >= 3 && (
        <Link href={tasksRoute({ q: id })} className="text-accent hover:underline">
          Search all tasks for it
        </Link>
      )}
    </div>
  );
}
