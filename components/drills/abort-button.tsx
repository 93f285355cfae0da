'use client';
/** Ends a run early and takes back what it did: a big button that asks once more, in its own place. */
import { OctagonX } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useMay } from '#components/live/use-may.ts';
import { BUTTON, FIELD } from '#components/ui/action-form.tsx';
import type { Run } from '#lib/model/drill.ts';
import { useAbortRun } from './use-drills.ts';

const BIG =
  'inline-flex h-10 items-center gap-2 rounded-md border border-down/70 bg-down/15 px-5 text-[14px] font-semibold whitespace-nowrap text-down hover:bg-down/25 disabled:border-line disabled:bg-raised disabled:text-text-3';
/** Somebody who stops a drill at night shall not have to find words first. */
const REASON = 'stopped by the one who watched it';

/** Enter asks, Enter again aborts, Escape goes on: the focus moves along, and comes back. */
export function AbortButton({ run }: { run: Run }) {
  const [isAsking, setAsking] = useState(false);
  const big = useRef<HTMLButtonElement>(null);
  const wasAsked = useRef(false);
  const abort = useAbortRun(run.id);
  const { may, why } = useMay('drill.abort');
  const isSent = abort.isPending || abort.isSuccess || run.state === 'undoing';
  useEffect(() => {
    if (!isAsking && wasAsked.current) big.current?.focus();
    wasAsked.current = isAsking;
  }, [isAsking]);
  if (isAsking && !isSent)
    return <Confirm abort={(reason) => abort.mutate(reason)} back={() => setAsking(false)} error={abort.error} />;
  return (
    <div className="grid justify-items-end gap-1">
      <button
        ref={big}
        type="button"
        data-action="drill.abort"
        disabled={!may || isSent}
        onClick={() => setAsking(true)}
        className={BIG}
      >
        <OctagonX aria-hidden size={18} /> {isSent ? 'Taking everything back…' : 'Abort and undo'}
      </button>
      {why !== null && <span className="text-[12px] text-text-2">{why}</span>}
    </div>
  );
}

type ConfirmProps = { abort(reason: string): void; back(): void; error: Error | null };

function Confirm({ abort, back, error }: ConfirmProps) {
  const [reason, setReason] = useState(REASON);
  const yes = useRef<HTMLButtonElement>(null);
  useEffect(() => yes.current?.focus(), []);
  return (
    <form
      aria-label="Abort and undo"
      className="grid min-w-0 gap-1.5 rounded-md border border-down/70 bg-panel p-2 text-[12px]"
      onSubmit={(event) => {
        event.preventDefault();
        abort(reason.trim());
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') back();
      }}
    >
      <div className="flex flex-wrap items-center gap-2">
        <button ref={yes} type="submit" disabled={reason.trim().length < 3} className={BIG}>
          <OctagonX aria-hidden size={18} /> Yes, abort and undo
        </button>
        <button type="button" className={`${BUTTON} h-10`} onClick={back}>
          Go on with the drill
        </button>
      </div>
      <label className="grid min-w-0 gap-0.5">
        <span className="text-text-2">Reason, kept in the audit</span>
        <input
          required
          minLength={3}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          className={FIELD}
        />
      </label>
      {error !== null && (
        <p role="alert" className="break-words text-down">
          It was not aborted: {error.message}
        </p>
      )}
    </form>
  );
}
