'use client';
/** Running a task again as it was: first what that would do, and whether it would run twice; then the reason. */
import { useState } from 'react';
import { OperationDialog } from '#components/live/operation-dialog.tsx';
import { BUTTON, FIELD } from '#components/ui/action-form.tsx';
import { Modal } from '#components/ui/modal.tsx';
import type { RetryPlan } from '#lib/contract/control.ts';
import type { TaskDetail } from '#lib/model/task.ts';
import { routes } from '#lib/routes.ts';
import { Printed } from './printed.tsx';
import { isMasked } from './python-json.ts';
import { useRetryPlan } from './retry-plan.ts';

type RetryDialogProps = { task: TaskDetail; close: () => void };

export function RetryDialog({ task, close }: RetryDialogProps) {
  const [queue, setQueue] = useState('');
  const { data: plan, error, refetch } = useRetryPlan(task.id, queue);
  const refused = plan === undefined ? null : whyRefused(plan);
  const title = `Retry ${task.name ?? task.id}`;
  if (plan === undefined || refused !== null)
    return (
      <Modal title={title} close={close}>
        <div className="grid gap-2 text-[12px]">
          {error !== null ? (
            <p role="alert" className="break-words text-down">
              Whether it can be retried is not known: {error.message}{' '}
              <button type="button" className="underline" onClick={() => void refetch()}>
                Try again
              </button>
            </p>
          ) : plan === undefined ? (
            <p aria-busy>Checking what a retry would do…</p>
          ) : (
            <p data-retry-refused className="break-words text-degraded">
              It cannot be retried: {refused}
            </p>
          )}
          {plan !== undefined && plan.queue === null && <QueueForm onName={setQueue} />}
          <div className="flex justify-end">
            <button type="button" className={BUTTON} onClick={close}>
              Close
            </button>
          </div>
        </div>
      </Modal>
    );
  return <PlannedRetry task={task} plan={plan} named={queue} title={title} close={close} />;
}

/** A retry would run with the words that stand in place of a secret. */
function whyRefused({ refused, args, kwargs }: RetryPlan): string | null {
  if (refused !== null) return refused;
  return [args, kwargs].some((text) => text !== null && isMasked(text)) ? 'parts of its arguments are masked.' : null;
}

/** Of a task of which nobody knows the queue. */
function QueueForm({ onName }: { onName(queue: string): void }) {
  const [queue, setQueue] = useState('');
  return (
    <form
      aria-label="Queue"
      className="flex items-end gap-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        onName(queue.trim());
      }}
    >
      <label className="grid min-w-0 flex-1 gap-0.5">
        <span className="text-text-2">Queue</span>
        <input
          required
          maxLength={255}
          autoComplete="off"
          spellCheck={false}
          value={queue}
          onChange={(event) => setQueue(event.target.value)}
          className={FIELD}
        />
      </label>
      <button type="submit" className={BUTTON}>
        Check again
      </button>
    </form>
  );
}

type PlannedRetryProps = RetryDialogProps & { plan: RetryPlan; named: string; title: string };

function PlannedRetry({ task, plan, named, title, close }: PlannedRetryProps) {
  const [twice, setTwice] = useState(false);
  const [queue, setQueue] = useState(named);
  const other = queue.trim();
  return (
    <OperationDialog
      title={title}
      effect={
        <p>
          A new task <b className="font-mono font-semibold text-text">{plan.name}</b> with the same arguments, and an id
          of its own, is published to {other === '' ? (plan.queue ?? 'its queue') : other}. This one stays as it is.
        </p>
      }
      verb="Retry"
      danger={plan.twice !== null}
      url={`${routes.api.tasks}/${encodeURIComponent(task.id)}/retry`}
      body={plan.twice !== null && !twice ? null : { twice, ...(other === '' ? {} : { queue: other }) }}
      close={close}
    >
      <div data-retry-plan className="grid min-w-0 gap-1.5">
        <Printed name="Arguments" text={plan.args ?? 'none'} />
        <Printed name="Keyword arguments" text={plan.kwargs ?? 'none'} />
        {plan.argumentsFrom !== null && (
          <p className="text-text-3">
            {plan.argumentsFrom === 'result store'
              ? 'Arguments as the result store keeps them: exact.'
              : 'Arguments read back from what the event printed: plain values, not cut.'}
          </p>
        )}
      </div>
      {plan.twice !== null && (
        <label className="flex items-baseline gap-1.5 rounded-sm border border-degraded/60 p-2 text-degraded">
          <input type="checkbox" checked={twice} onChange={(event) => setTwice(event.target.checked)} />
          <span className="min-w-0 break-words">{plan.twice} Retry all the same.</span>
        </label>
      )}
      <label className="grid gap-0.5">
        <span className="text-text-2">Another queue than {plan.queue ?? 'its own'}</span>
        <input
          maxLength={255}
          autoComplete="off"
          spellCheck={false}
          value={queue}
          onChange={(event) => setQueue(event.target.value)}
          className={FIELD}
        />
      </label>
    </OperationDialog>
  );
}
