'use client';
/** What happened to a task, from left to right: each time that a worker got it is a line. */
import { Panel } from '#components/ui/panel.tsx';
import { Tag } from '#components/ui/tag.tsx';
import { ClockTime } from '#components/ui/time.tsx';
import { EVENT_WORDS, formatDuration } from '#lib/format/task.ts';
import { type Attempt, type AttemptReason, attemptsOf, beginOf } from '#lib/format/task-attempts.ts';
import { isEnded, type TaskDetail } from '#lib/model/task.ts';
import { type Part, partsOf } from './attempt-parts.ts';

const LOOK: Readonly<Record<Part['id'], string>> = {
  idle: '',
  queued: 'border border-dashed border-text-3',
  reserved: 'hatched border border-text-3',
  ran: 'bg-accent',
};

const REASONS: Readonly<Record<AttemptReason, string>> = {
  first: 'first',
  retry: 'retry',
  redelivery: 'redelivered',
};

export function AttemptsPanel({ task, now }: { task: TaskDetail; now: number }) {
  const attempts = attemptsOf(task.events);
  const [first] = attempts;
  // Of a task that is over nothing grows any more, even if an event of it was missed.
  const until = isEnded(task.state) || task.state === 'ORPHANED' ? (task.finishedAt ?? lastOf(attempts)) : now;
  return (
    <Panel
      id="attempts"
      title="What happened"
      note={
        <span className="flex flex-wrap gap-x-3">
          <Legend part="queued" text="in the queue" />
          <Legend part="reserved" text="at the worker, waiting" />
          <Legend part="ran" text="running" />
        </span>
      }
    >
      {first === undefined ? (
        <p className="text-text-2">No event of it tells when it was sent, received or started.</p>
      ) : (
        <ol className="grid gap-2">
          {attempts.map((attempt, i) => (
            <AttemptLine
              key={`${attempt.reason} ${beginOf(attempt)}`}
              number={i + 1}
              attempt={attempt}
              window={{ from: beginOf(first), to: Math.max(until, lastOf(attempts)) }}
              until={i === attempts.length - 1 ? until : lastOf([attempt])}
            />
          ))}
        </ol>
      )}
    </Panel>
  );
}

type LineProps = { number: number; attempt: Attempt; window: { from: number; to: number }; until: number };

function AttemptLine({ number, attempt, window, until }: LineProps) {
  const { reason, worker, end, endedAt } = attempt;
  const parts = partsOf(attempt, window, until);
  const told = parts.filter(({ id }) => id !== 'idle');
  return (
    <li data-attempt={reason} className="grid gap-1 border-t border-line pt-1.5 text-[12px]">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <b className="font-semibold">{number}</b>
        <Tag look={reason === 'redelivery' ? 'warn' : 'plain'}>{REASONS[reason]}</Tag>
        {worker !== null && <span className="font-mono break-words">{worker}</span>}
        <span className="text-text-2">{told.map(partText).join(' → ')}</span>
        <span className="ml-auto text-text-2">
          {end === null ? 'no end told' : EVENT_WORDS[end]} {endedAt !== null && <ClockTime at={endedAt} />}
        </span>
      </p>
      <div aria-hidden className="flex h-3 w-full">
        {parts.map(({ id, durationMs }) => (
          <span
            key={id}
            title={id === 'idle' ? undefined : partText({ id, durationMs })}
            style={{ flexGrow: durationMs }}
            className={`basis-0 first:rounded-l-sm last:rounded-r-sm ${id === 'idle' ? '' : 'min-w-1'} ${LOOK[id]}`}
          />
        ))}
        <span style={{ flexGrow: Math.max(0, window.to - lastMoment(attempt, until)) }} className="basis-0" />
      </div>
    </li>
  );
}

const PART_WORDS: Readonly<Record<Part['id'], string>> = {
  idle: '',
  queued: 'queued',
  reserved: 'waited at the worker',
  ran: 'ran',
};

function partText({ id, durationMs }: Part): string {
  return `${PART_WORDS[id]} ${formatDuration(durationMs)}`;
}

function Legend({ part, text }: { part: Part['id']; text: string }) {
  return (
    <span className="inline-flex items-center gap-1">
      <span aria-hidden className={`inline-block h-2 w-3 ${LOOK[part]}`} /> {text}
    </span>
  );
}

/** The last thing that was told of some attempts. */
function lastOf(attempts: readonly Attempt[]): number {
  const times = attempts.flatMap(({ sentAt, receivedAt, startedAt, endedAt }) => [
    sentAt,
    receivedAt,
    startedAt,
    endedAt,
  ]);
  return Math.max(...times.map((at) => at ?? Number.NEGATIVE_INFINITY));
}

function lastMoment(attempt: Attempt, until: number): number {
  return attempt.endedAt ?? until;
}
