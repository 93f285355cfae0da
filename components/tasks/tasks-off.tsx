/** What pages of tasks say when there is nothing to show, or it cannot be read. */
import { codeOf } from '#components/ui/ask.ts';

/** Which lines of the configuration make Trellis keep tasks. */
export function TasksOff() {
  return (
    <div className="rounded-md border border-dashed border-line p-4" data-tasks-off>
      <p className="mb-2 font-semibold">Trellis does not keep tasks yet.</p>
      <p className="mb-2 text-text-2">Add this line to trellis.yaml and restart Trellis:</p>
      <pre className="mb-2 w-fit rounded-sm border border-line bg-canvas px-3 py-2 font-mono text-[12px]">
        celery: {'{}'}
      </pre>
      <p className="text-[12px] text-text-2">
        It then takes Celery’s events in through a queue of its own on your RabbitMQ. Workers must send them: start them
        with -E, or set worker_send_task_events = True; task_send_sent_event = True also tells when a task was
        published.
      </p>
    </div>
  );
}

/** Why a question was not answered, and a way to ask again; a switched-off store says how to switch it on. */
export function NotRead({ what, error, again }: { what: string; error: Error; again: () => void }) {
  if (codeOf(error) === 'TASKS_OFF') return <TasksOff />;
  return (
    <p role="alert" className="rounded-md border border-down/60 p-3 text-down">
      {what} cannot be read: {error.message}{' '}
      <button type="button" className="underline" onClick={again}>
        Try again
      </button>
    </p>
  );
}
