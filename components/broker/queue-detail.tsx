'use client';
/** The selected queue in detail. */
import { X } from 'lucide-react';
import Link from 'next/link';
import { DrillLink } from '#components/live/drill-link.tsx';
import { SubjectHistory } from '#components/live/subject-history.tsx';
import { Copyable } from '#components/ui/copyable.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { Age } from '#components/ui/time.tsx';
import { useSelected } from '#components/ui/use-selected.ts';
import { formatRate } from '#lib/format/quantity.ts';
import { queueKind, resyncText } from '#lib/format/queue.ts';
import { freshnessOf } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { policyOf, workersOf } from '#lib/model/queues.ts';
import type { Queue } from '#lib/model/rabbitmq.ts';
import { workerStatus } from '#lib/model/status.ts';
import { entityRoute } from '#lib/routes.ts';
import { Fact, Facts } from './facts.tsx';
import { PolicyTable } from './policy-table.tsx';
import { Replicas } from './replicas.tsx';

type Props = { model: Model; now: number };

/** The queue that the URL selects; nothing when it selects none. */
export function QueueDetail({ model, now }: Props) {
  const [selected, select] = useSelected();
  const id = selected?.kind === 'queues' ? selected.id : null;
  if (id === null) return null;
  const queue = Object.hasOwn(model.queues, id) ? model.queues[id] : undefined;
  return (
    <div data-entity={`queues/${id}`} className="min-w-0 scroll-m-4">
      <Panel
        id="queue"
        title={`Queue ${queue?.name ?? id}`}
        actions={
          <>
            {queue !== undefined && (
              <DrillLink
                drill="queue-leader-move"
                aim={{ kind: 'queues', id }}
                label={`Move leader of queue ${queue.name}`}
              >
                Move leader…
              </DrillLink>
            )}
            <button
              type="button"
              onClick={() => select('queues', null)}
              className="inline-flex items-center gap-1 rounded-sm border border-line px-1.5 text-[12px] text-text-2 hover:bg-raised"
            >
              <X aria-hidden size={12} /> Close
            </button>
          </>
        }
      >
        <p className="mb-2 text-[12px]">
          <Copyable text={id} />
        </p>
        {queue === undefined ? (
          <Empty>This queue does not exist any more, or never did. What happened to it is on the timeline.</Empty>
        ) : (
          <div className="grid min-w-0 gap-4">
            <Copies queue={queue} model={model} now={now} />
            <Figures queue={queue} model={model} now={now} />
            <Consumers queue={queue} model={model} now={now} />
            <PolicyTable name={queue.policy} policy={policyOf(queue, model.policies)} />
            <section aria-labelledby="queue-history" className="min-w-0">
              <h3 id="queue-history" className="mb-1 font-semibold">
                Recent changes
              </h3>
              <SubjectHistory
                kind="queues"
                id={id}
                model={model}
                label="Recent changes"
                empty="No recent change of leader or copies. Older ones are on the Timeline page."
              />
            </section>
          </div>
        )}
      </Panel>
    </div>
  );
}

function Copies({ queue, model, now }: Props & { queue: Queue }) {
  const reading = model.readings[queue.by];
  const fresh = reading !== undefined && freshnessOf(reading, now) === 'fresh';
  const resync = resyncText(queue);
  return (
    <section aria-labelledby="queue-copies" className="min-w-0">
      <h3 id="queue-copies" className="mb-1 font-semibold">
        Copies{' '}
        <span className="text-[12px] font-normal text-text-2">
          {queueKind(queue)}, <Age at={reading?.at ?? null} suffix=" ago" />
        </span>
      </h3>
      {queue.replication.leader === null && <p className="mb-1 text-down">This queue has no leader.</p>}
      <Replicas replication={queue.replication} fresh={fresh} model={model} now={now} />
      {resync !== null && <p className="mt-1 text-[12px] text-degraded">A copy is being resynchronised: {resync}.</p>}
    </section>
  );
}

function Figures({ queue, model, now }: Props & { queue: Queue }) {
  const reading = queue.figuresBy === null ? undefined : model.readings[queue.figuresBy];
  const fresh = reading !== undefined && freshnessOf(reading, now) === 'fresh';
  return (
    <section aria-labelledby="queue-figures" className="min-w-0">
      <h3 id="queue-figures" className="mb-1 font-semibold">
        Figures{' '}
        <span className="text-[12px] font-normal text-text-2">
          {reading === undefined ? 'not told yet' : fresh ? '' : 'last known '}
          {reading !== undefined && <Age at={reading.at} suffix=" ago" />}
        </span>
      </h3>
      <Facts>
        <Fact name="State">{queue.state ?? 'not told'}</Fact>
        <Fact name="Ready">{queue.ready ?? 'not told'}</Fact>
        <Fact name="Unacknowledged">{queue.unacknowledged ?? 'not told'}</Fact>
        <Fact name="Consumers" bad={fresh && queue.consumers === 0}>
          {queue.consumers ?? 'not told'}
        </Fact>
        <Fact name="Publish">{formatRate(queue.rates.publish)}</Fact>
        <Fact name="Deliver">{formatRate(queue.rates.deliver)}</Fact>
        <Fact name="Ack">{formatRate(queue.rates.ack)}</Fact>
        <Fact name="Durable">{queue.durable ? 'yes' : 'no: lost when its node restarts'}</Fact>
      </Facts>
    </section>
  );
}

function Consumers({ queue, model, now }: Props & { queue: Queue }) {
  const workers = workersOf(queue, model.workers);
  return (
    <section aria-labelledby="queue-workers" className="min-w-0">
      <h3 id="queue-workers" className="mb-1 font-semibold">
        Workers that consume it
      </h3>
      {workers.length === 0 ? (
        <Empty>
          No worker is seen consuming this queue. Start one with -Q {queue.name}, or look at the Estate page.
        </Empty>
      ) : (
        <ul className="flex flex-wrap gap-x-4 gap-y-1 text-[12px]">
          {workers.map((worker) => (
            <li key={worker.id} className="flex min-w-0 flex-wrap gap-x-1.5">
              <Link href={entityRoute('workers', worker.id)} className="truncate font-mono text-accent hover:underline">
                {worker.id}
              </Link>
              <StatusMark {...workerStatus(worker, model, now)} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
