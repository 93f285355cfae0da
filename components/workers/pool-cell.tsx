'use client';
/** The size of a worker's pool and how much it prefetches, once it was asked. */
import { Age } from '#components/ui/time.tsx';
import { poolOf } from '#lib/format/worker-reply.ts';
import { useAsked } from './use-inspect.ts';

export function PoolCell({ worker }: { worker: string }) {
  const { data, error } = useAsked(worker, 'stats');
  if (error !== null) return <span className="text-down">not asked</span>;
  if (data === undefined) return <span className="text-text-3">–</span>;
  if (data.isSilent) return <span className="text-degraded">no answer</span>;
  const { concurrency, prefetch, autoscale } = poolOf(data.reply);
  return (
    <span className="whitespace-nowrap">
      {concurrency ?? '–'} · {prefetch ?? '–'}
      {autoscale !== null && <span className="text-text-3"> auto</span>}
      <span className="sr-only">
        , asked <Age at={data.askedAt} suffix=" ago" />
      </span>
    </span>
  );
}
