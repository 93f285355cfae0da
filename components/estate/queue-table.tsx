/** Task queues: who leads each, and which copies are in sync. */

import Link from 'next/link';
import { ScrollRegion } from '#components/ui/scroll-region.tsx';
import { shortNodeName } from '#lib/format/names.ts';
import { copiesText } from '#lib/format/queue.ts';
import { freshnessOf } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { missingCount, taskQueues } from '#lib/model/queues.ts';
import type { Queue } from '#lib/model/rabbitmq.ts';
import { entityRoute, routes } from '#lib/routes.ts';

/** Rows shown here; the whole list belongs on the broker page. */
const ROWS = 5;

/** Queues of tasks (Celery's own plumbing is left out), by name. */
export function QueueTable({ model, now }: { model: Model; now: number }) {
  const { all, impaired } = taskQueues(model.queues);
  if (all.length === 0) return null;
  // The worst come first.
  const shown = [...new Set([...impaired.slice(0, ROWS), ...all.slice(0, ROWS)])].slice(0, ROWS);
  return (
    <section aria-labelledby="queues" className="min-w-0 rounded-md border border-line bg-panel p-3">
      <div className="mb-1 flex items-baseline justify-between">
        <h2 id="queues" className="text-[14px] font-semibold">
          Queues
        </h2>
        <Link href={routes.broker} className="text-[12px] text-accent hover:underline">
          {all.length === 1 ? 'the queue' : `all ${all.length} queues`} on the broker page
        </Link>
      </div>
      <ScrollRegion label="Queues">
        <table className="w-full text-left text-[12px]">
          <thead className="text-text-3">
            <tr>
              {['Queue', 'Leader', 'Copies in sync', 'Waiting', 'Unacknowledged', 'Consumers'].map((title) => (
                <th key={title} scope="col" className="py-1 pr-4 font-normal whitespace-nowrap">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((queue) => (
              <QueueRow key={queue.id} queue={queue} model={model} now={now} />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </section>
  );
}

function QueueRow({ queue, model, now }: { queue: Queue; model: Model; now: number }) {
  const { leader, inSync } = queue.replication;
  const reading = model.readings[queue.by];
  const fresh = reading !== undefined && freshnessOf(reading, now) === 'fresh';
  const tone = !fresh ? 'text-stale' : missingCount(queue.replication) === 0 ? 'text-ok' : 'text-degraded';
  const cell = 'border-t border-line py-1 pr-4';
  return (
    <tr data-queue={queue.id} data-leader={leader ?? ''} className={fresh ? '' : 'hatched'}>
      <th scope="row" className={`${cell} font-mono font-normal`}>
        <Link href={entityRoute('queues', queue.id)} className="text-accent hover:underline">
          {queue.name}
        </Link>
      </th>
      <td className={`${cell} whitespace-nowrap`}>{leader === null ? 'nobody' : shortNodeName(leader, model)}</td>
      <td className={`${cell} whitespace-nowrap ${tone}`}>
        {copiesText(queue, (id) => shortNodeName(id, model))}{' '}
        <span className="text-text-3">{inSync?.map((id) => shortNodeName(id, model)).join(', ')}</span>
      </td>
      <td className={cell}>{fresh ? (queue.ready ?? '–') : 'stale'}</td>
      <td className={cell}>{queue.unacknowledged ?? '–'}</td>
      <td className={cell}>{queue.consumers ?? '–'}</td>
    </tr>
  );
}
