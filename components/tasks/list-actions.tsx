'use client';
/** What can be done from the list: to every task that matches the filter, and a new one. */
import { useState } from 'react';
import { ActionButton, ActionRefusals } from '#components/live/action-button.tsx';
import type { BulkAction } from '#lib/contract/control.ts';
import type { TaskFilter } from '#lib/contract/tasks.ts';
import { useServerClock } from './asking-again.ts';
import { BulkDialog } from './bulk-dialog.tsx';
import { filterBody, isFiltered, type TaskView } from './filter.ts';
import { SendDialog } from './send-dialog.tsx';

type Open = { kind: 'bulk'; action: BulkAction; filter: TaskFilter } | { kind: 'send' } | null;

/** Acting on whatever there is, is nothing that anybody means. */
const NO_FILTER = 'Narrow the list first: a state, a task, a search or a stretch of time';

export function ListActions({ view }: { view: TaskView }) {
  const clock = useServerClock();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const pointless = isFiltered(view) ? null : NO_FILTER;
  const bulk = (action: BulkAction) => setOpen({ kind: 'bulk', action, filter: filterBody(view, clock()) });
  return (
    <div className="mt-2 grid gap-1.5">
      <div className="flex flex-wrap gap-1.5">
        <ActionButton action="task.revoke" pointless={pointless} onClick={() => bulk('revoke')}>
          Revoke all matching…
        </ActionButton>
        <ActionButton action="task.retry" pointless={pointless} onClick={() => bulk('retry')}>
          Retry all matching…
        </ActionButton>
        <span className="ml-auto">
          <ActionButton action="task.send" onClick={() => setOpen({ kind: 'send' })}>
            Send task…
          </ActionButton>
        </span>
      </div>
      <ActionRefusals actions={['task.revoke', 'task.retry', 'task.send']} />
      {open?.kind === 'bulk' && <BulkDialog {...open} close={close} />}
      {open?.kind === 'send' && <SendDialog title="Send task" close={close} />}
    </div>
  );
}
