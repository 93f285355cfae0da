'use client';
/** A run that Trellis lost sight of, or could not take back whole: what it still has to take back, and the button that does. */
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '#components/live/use-may.ts';
import { ActionForm, BUTTON } from '#components/ui/action-form.tsx';
import type { Run } from '#lib/model/drill.ts';
import { useUndoRun } from './use-drills.ts';

export function LostBanner({ run }: { run: Run }) {
  const [isAsking, setAsking] = useState(false);
  const undo = useUndoRun(run.id);
  const { may, why } = useMay('drill.abort');
  // The same call may stand in several steps.
  const left = [...new Set(run.undoLeft)];
  return (
    <section
      aria-label="Lost run"
      data-lost
      className="grid min-w-0 gap-2 rounded-md border border-down/70 bg-down/5 p-3"
    >
      <p role="alert" className="flex items-baseline gap-2 text-[14px]">
        <TriangleAlert aria-hidden size={16} className="shrink-0 self-center text-down" />
        <span>
          <b className="font-semibold text-down">
            {run.verdict === 'unknown'
              ? 'Trellis ended while this run was under way.'
              : 'This run left something behind.'}
          </b>{' '}
          {left.length === 0 ? 'All that it had begun for a moment is taken back.' : 'This is not taken back yet:'}
        </span>
      </p>
      {left.length > 0 && (
        <ol aria-label="To take back" className="grid gap-0.5 pl-6 font-mono text-[12px]">
          {left.map((call) => (
            <li key={call} className="break-all">
              {call}
            </li>
          ))}
        </ol>
      )}
      {isAsking ? (
        <ActionForm
          effect="Trellis makes these calls now, in this order, and then closes the run."
          verb={left.length === 0 ? 'Close the run' : 'Undo'}
          isReady={may}
          isSending={undo.isPending || undo.isSuccess}
          error={undo.error}
          run={(reason) => undo.mutate(reason)}
          cancel={() => setAsking(false)}
        />
      ) : (
        <div className="flex flex-wrap items-center gap-2">
          <button
            type="button"
            data-action="drill.undo"
            disabled={!may}
            className={`${BUTTON} h-9 px-4 font-semibold`}
            onClick={() => setAsking(true)}
          >
            {left.length === 0 ? 'Close the run…' : 'Undo…'}
          </button>
          {why !== null && <span className="text-[12px] text-text-2">{why}</span>}
        </div>
      )}
    </section>
  );
}
