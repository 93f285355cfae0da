'use client';
/** What can be done to one task: discard it, end it, run it again. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ActionButton, ActionRefusals } from '#components/live/action-button.tsx';
import { OperationDialog } from '#components/live/operation-dialog.tsx';
import { FIELD } from '#components/ui/action-form.tsx';
import { SIGNALS } from '#lib/contract/control.ts';
import { isEnded, type TaskDetail } from '#lib/model/task.ts';
import { routes } from '#lib/routes.ts';
import { whyNotRetry, whyNotRevoke, whyNotTerminate } from './pointless.ts';
import { RetryDialog } from './retry-dialog.tsx';
import { SendAgainDialog } from './send-dialog.tsx';

type Open = 'revoke' | 'terminate' | 'retry' | 'send' | null;

export function TaskActions({ task }: { task: TaskDetail }) {
  const client = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const close = () => {
    setOpen(null);
    void client.invalidateQueries({ queryKey: ['tasks'] });
  };
  const { id, name, state } = task;
  const called = name ?? id;
  return (
    <div className="grid gap-1.5 border-t border-line pt-2">
      <div className="flex flex-wrap gap-1.5">
        <ActionButton action="task.revoke" pointless={whyNotRevoke(state)} onClick={() => setOpen('revoke')}>
          Revoke…
        </ActionButton>
        <ActionButton action="task.terminate" pointless={whyNotTerminate(state)} onClick={() => setOpen('terminate')}>
          Terminate…
        </ActionButton>
        <span className="ml-auto flex flex-wrap gap-1.5">
          <ActionButton action="task.retry" pointless={whyNotRetry(name)} onClick={() => setOpen('retry')}>
            Retry…
          </ActionButton>
          <ActionButton action="task.send" pointless={whyNotRetry(name)} onClick={() => setOpen('send')}>
            Send again edited…
          </ActionButton>
        </span>
      </div>
      <ActionRefusals actions={['task.revoke', 'task.terminate', 'task.retry', 'task.send']} />
      {open === 'revoke' && (
        <OperationDialog
          title={`Revoke ${called}`}
          effect={
            <>
              <p>
                Every worker is told to discard the task when its turn comes. It is not ended where it runs already.
              </p>
              <p>Workers that start later do not know of it, unless they keep revoked tasks (worker_state_db).</p>
            </>
          }
          verb="Revoke"
          danger
          url={`${routes.api.tasks}/${encodeURIComponent(id)}/revoke`}
          body={{}}
          close={close}
        />
      )}
      {open === 'terminate' && <TerminateDialog task={task} called={called} close={close} />}
      {open === 'retry' && <RetryDialog task={task} close={close} />}
      {open === 'send' && <SendAgainDialog task={task} close={close} />}
    </div>
  );
}

type TerminateDialogProps = { task: TaskDetail; called: string; close: () => void };

function TerminateDialog({ task, called, close }: TerminateDialogProps) {
  const [signal, setSignal] = useState<(typeof SIGNALS)[number]>('SIGTERM');
  return (
    <OperationDialog
      title={`Terminate ${called}`}
      effect={
        <>
          <p>
            The process that runs it{task.worker === null ? '' : ` on ${task.worker}`} gets {signal}. What the task had
            begun stays half done.
          </p>
          <p>If the process has taken another task by then, that one is ended instead: Celery cannot rule it out.</p>
          {!isEnded(task.state) && task.state !== 'STARTED' && (
            <p>It was not seen running: then it is only discarded when its turn comes.</p>
          )}
        </>
      }
      verb="Terminate"
      danger
      url={`${routes.api.tasks}/${encodeURIComponent(task.id)}/terminate`}
      body={{ signal }}
      close={close}
    >
      <label className="grid gap-0.5">
        <span className="text-text-2">Signal</span>
        <select
          value={signal}
          onChange={(event) => setSignal(SIGNALS.find((one) => one === event.target.value) ?? 'SIGTERM')}
          className={FIELD}
        >
          {SIGNALS.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
    </OperationDialog>
  );
}
