'use client';
/** Whether a worker answers when it is asked, which heartbeats do not tell: on demand, with the age of the answer. */
import { useMay } from '#components/live/use-may.ts';
import { Age } from '#components/ui/time.tsx';
import { formatDuration } from '#lib/format/task.ts';
import { useAsked } from './use-inspect.ts';

export function PingCell({ worker }: { worker: string }) {
  const { may, why } = useMay('worker.inspect');
  const { data, error, isFetching, refetch } = useAsked(worker, 'ping');
  return (
    <span className="inline-flex items-baseline gap-1.5 whitespace-nowrap">
      <button
        type="button"
        aria-label={`Ping ${worker}`}
        disabled={!may || isFetching}
        title={why ?? 'Ask it over the broker whether it is there'}
        onClick={() => void refetch()}
        className="rounded-sm border border-line px-1 text-[11px] text-text-2 hover:bg-raised disabled:text-text-3"
      >
        {isFetching ? '…' : 'ping'}
      </button>
      {error !== null ? (
        <span className="truncate text-down" title={error.message}>
          not asked
        </span>
      ) : (
        data !== undefined && (
          <span
            data-ping={data.isSilent ? 'silent' : 'pong'}
            className={data.isSilent ? 'text-degraded' : 'text-ok'}
            title={data.isSilent ? `did not answer within ${formatDuration(data.tookMs)}` : 'it answered'}
          >
            {data.isSilent ? 'no answer' : data.isAlone ? formatDuration(data.tookMs) : 'pong'}{' '}
            <span className="text-text-3">
              <Age at={data.askedAt} suffix=" ago" />
            </span>
          </span>
        )
      )}
    </span>
  );
}
