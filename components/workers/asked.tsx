'use client';
/** One question to a worker: its answer with its age, or plainly why there is none. */
import { RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMay } from '#components/live/use-may.ts';
import { BUTTON } from '#components/ui/action-form.tsx';
import { Age } from '#components/ui/time.tsx';
import type { InspectMethod } from '#lib/contract/control.ts';
import { describeSilence, type WorkerRow } from '#lib/format/worker.ts';
import { useInspect } from './use-inspect.ts';

export type AskedProps = {
  worker: WorkerRow;
  now: number;
  method: InspectMethod;
  title: string;
  /** Beside the title, for instance what can be changed. */
  actions?: ReactNode;
  /** What it answered. */
  children: (reply: unknown) => ReactNode;
};

/** Asks when it is first shown, and again only when it is told to. */
export function Asked({ worker, now, method, title, actions, children }: AskedProps) {
  const { may, why } = useMay('worker.inspect');
  const { data, error, isFetching, refetch } = useInspect(worker.id, method);
  return (
    <section aria-label={title} data-asked={method} className="min-w-0">
      <div className="mb-1.5 flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="text-[12px] font-semibold">{title}</h3>
        <span className="text-[11px] text-text-3">
          {data === undefined ? isFetching ? 'asking…' : 'not asked' : <Age at={data.askedAt} suffix=" ago" />}
        </span>
        <button
          type="button"
          aria-label={`Refresh ${title}`}
          disabled={!may || isFetching}
          onClick={() => void refetch()}
          className={BUTTON}
        >
          <RefreshCw aria-hidden size={11} /> Refresh
        </button>
        {actions}
      </div>
      {error !== null ? (
        <p role="alert" className="text-[12px] break-words text-down">
          It was not asked: {error.message}
        </p>
      ) : data === undefined ? (
        <p aria-busy={isFetching || undefined} className="min-h-16 text-[12px] break-words text-text-2">
          {isFetching ? 'Asking…' : (why ?? '')}
        </p>
      ) : data.isSilent ? (
        <p data-silent className="text-[12px] break-words text-degraded">
          {describeSilence(worker, data.tookMs, now)}
        </p>
      ) : data.refused !== null ? (
        <p className="text-[12px] break-words text-degraded">It would not tell: {data.refused}</p>
      ) : (
        children(data.reply)
      )}
    </section>
  );
}
