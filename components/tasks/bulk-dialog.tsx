'use client';
/** An action on every task that matches the filter: first how many and which, then the reason and the count typed. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { OperationDialog } from '#components/live/operation-dialog.tsx';
import { BUTTON } from '#components/ui/action-form.tsx';
import { Modal } from '#components/ui/modal.tsx';
import { writeJson } from '#components/ui/write.ts';
import { BULK_LIMIT, type BulkAction, type BulkPreview } from '#lib/contract/control.ts';
import type { TaskFilter } from '#lib/contract/tasks.ts';
import { formatTotal } from '#lib/format/task.ts';
import { routes, taskRoute } from '#lib/routes.ts';
import { TaskStateMark } from './task-state.tsx';

const VERBS: Readonly<Record<BulkAction, string>> = { revoke: 'Revoke', retry: 'Retry' };

export type BulkDialogProps = {
  action: BulkAction;
  /** A stretch of time in it does not slide any more. */
  filter: TaskFilter;
  close: () => void;
};

export function BulkDialog({ action, filter, close }: BulkDialogProps) {
  const client = useQueryClient();
  const preview = useQuery({
    queryKey: ['bulk', action, filter],
    queryFn: ({ signal }) => writeJson<BulkPreview>(routes.api.taskBulkPreview, { action, filter }, { signal }),
    retry: false,
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const leave = () => {
    close();
    void client.invalidateQueries({ queryKey: ['tasks'] });
  };
  const { data, error, refetch } = preview;
  const title = `${VERBS[action]} all matching tasks`;
  if (data !== undefined && data.count > 0 && !data.tooMany)
    return <Confirm preview={data} filter={filter} title={title} close={leave} />;
  return (
    <Modal title={title} close={close}>
      <div className="grid gap-2 text-[12px]">
        {error !== null ? (
          <p role="alert" className="break-words text-down">
            They cannot be counted: {error.message}{' '}
            <button type="button" className="underline" onClick={() => void refetch()}>
              Try again
            </button>
          </p>
        ) : data === undefined ? (
          <p aria-busy>Counting…</p>
        ) : data.tooMany ? (
          <p className="text-degraded">
            More than {formatTotal(BULK_LIMIT)} tasks match. Narrow the filter: a state, a task, a stretch of time.
          </p>
        ) : (
          <p>{nothing(action, data.left)}</p>
        )}
        <div className="flex justify-end">
          <button type="button" className={BUTTON} onClick={close}>
            Close
          </button>
        </div>
      </div>
    </Modal>
  );
}

function nothing(action: BulkAction, left: number): string {
  if (left === 0) return 'No task matches the filter.';
  return action === 'revoke'
    ? `All ${formatTotal(left)} that match have ended: there is nothing to revoke.`
    : `None of the ${formatTotal(left)} that match can be retried: they have not ended.`;
}

type ConfirmProps = { preview: BulkPreview; filter: TaskFilter; title: string; close: () => void };

function Confirm({ preview, filter, title, close }: ConfirmProps) {
  const { action, count, left, fingerprint } = preview;
  const [twice, setTwice] = useState(false);
  return (
    <OperationDialog
      title={title}
      effect={
        <>
          <p data-bulk-count={count}>
            <b className="font-semibold text-text">{formatTotal(count)}</b>{' '}
            {action === 'revoke'
              ? 'tasks will be discarded by the workers when their turn comes. Those that run already are not ended.'
              : 'new tasks with the same arguments will be published to the queues of the old ones.'}
          </p>
          {left > 0 && (
            <p>
              {formatTotal(left)} more match and are left out:{' '}
              {action === 'revoke' ? 'they have ended' : 'they have not ended'}.
            </p>
          )}
          <p>If other tasks match by the time that it begins, it is refused, and you look again.</p>
        </>
      }
      verb={`${VERBS[action]} ${formatTotal(count)}`}
      danger
      typed={{ text: String(count), what: 'the count' }}
      url={routes.api.taskBulk}
      body={{ action, filter, count, fingerprint, twice }}
      close={close}
    >
      <Sample preview={preview} />
      {preview.twice > 0 && (
        <label className="flex items-baseline gap-1.5 rounded-sm border border-degraded/60 p-2 text-degraded">
          <input type="checkbox" checked={twice} onChange={(event) => setTwice(event.target.checked)} />
          <span className="min-w-0 break-words">
            {formatTotal(preview.twice)} of them would, or might, run twice. Retry these too; else they are left out.
          </span>
        </label>
      )}
    </OperationDialog>
  );
}

function Sample({ preview: { sample, count } }: { preview: BulkPreview }) {
  return (
    <section aria-label="Some of them" className="min-w-0">
      <h3 className="text-[11px] text-text-3">
        {sample.length < count ? `The first ${sample.length} of them` : 'All of them'}
      </h3>
      <ul className="grid gap-0.5">
        {sample.map(({ id, name, state }) => (
          <li key={id} className="flex min-w-0 items-baseline gap-2">
            <TaskStateMark state={state} />
            <span className="min-w-0 truncate font-mono">{name ?? 'no name'}</span>
            <Link href={taskRoute(id)} target="_blank" className="ml-auto font-mono text-accent hover:underline">
              {id.slice(0, 8)}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
