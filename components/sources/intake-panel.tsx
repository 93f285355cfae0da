/** How Celery's events are taken in: the kind of queue, what it can lose, what came, what was refused, how far behind. */
import { StatusMark } from '#components/ui/status.tsx';
import { formatAge, formatRate } from '#lib/format/quantity.ts';
import type { Ingest } from '#lib/model/celery.ts';
import type { Model } from '#lib/model/model.ts';
import { ingestStatus } from '#lib/model/status.ts';

type PanelProps = { ingest: Ingest; model: Model; now: number };

/** The intake's own panel among the endpoints. */
export function IntakePanel({ ingest, model, now }: PanelProps) {
  return (
    <article
      aria-label="Intake of events"
      data-entity={`ingests/${ingest.id}`}
      className="min-w-0 rounded-md border border-line bg-panel p-2.5"
    >
      <h3 className="flex flex-wrap items-baseline gap-x-2 font-semibold">
        Intake of events
        <StatusMark {...ingestStatus(ingest, model, now)} />
        <span className="text-[12px] font-normal text-text-2">
          for {formatAge(now - ingest.since)}
          {ingest.via !== null && `, from ${ingest.via}`}
        </span>
      </h3>
      {ingest.problem !== null && (
        <p className={`mt-1 text-[12px] break-words ${ingest.state === 'consuming' ? 'text-text-2' : 'text-degraded'}`}>
          {ingest.problem}
        </p>
      )}
      <p className="mt-1 text-[12px] break-words text-text-2">
        {ingest.mode === null ? 'The queue is not declared yet.' : `Kept in a queue of kind ${ingest.mode}.`}{' '}
        {ingest.modeReason !== null && `Not a safer one: ${ingest.modeReason}. `}
        {ingest.canLose !== '' && `Can lose: ${ingest.canLose}`}
      </p>
      <dl className="mt-1.5 grid grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] gap-x-3 border-t border-line pt-1.5 text-[12px]">
        {figuresOf(ingest).map(([name, figure, isBad]) => (
          <div key={name} className="flex items-baseline justify-between gap-2 py-0.5">
            <dt className="text-text-3">{name}</dt>
            <dd className={`font-mono ${isBad ? 'text-degraded' : 'text-text-2'}`}>{figure}</dd>
          </div>
        ))}
      </dl>
    </article>
  );
}

type Figure = [name: string, figure: string, isBad: boolean];

function figuresOf(ingest: Ingest): Figure[] {
  const count = (name: string, value: number | null, isBad = false): Figure => [
    name,
    value === null ? 'not told' : value.toLocaleString('en'),
    isBad && (value ?? 0) > 0,
  ];
  const refused = Object.entries(ingest.rejected).map(([reason, value]) =>
    count(`refused: ${reason.replaceAll('-', ' ')}`, value, true),
  );
  return [
    ['events', formatRate(ingest.eventsPerSecond), false],
    ['newest stored', ingest.lagMs === null ? 'none yet' : `${formatAge(ingest.lagMs)} old`, false],
    count('in the queue', ingest.lagMessages),
    count('not stored yet', ingest.pending),
    count('received', ingest.received),
    count('again', ingest.redelivered),
    count('clock set back', ingest.skewed, true),
    count('tasks missed', ingest.missedTasks, true),
    count('ends found', ingest.backfilled),
    count('orphaned', ingest.orphaned, true),
    ...refused,
  ];
}
