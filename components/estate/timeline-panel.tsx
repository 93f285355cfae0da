/** The newest transitions beside the rack. */
import { formatAge, formatClock } from '#lib/format/quantity.ts';
import { describeTransition, type Tone } from '#lib/format/transition.ts';
import type { Model } from '#lib/model/model.ts';
import type { Cause, Transition } from '#lib/model/transition.ts';

const TONE: Readonly<Record<Tone, string>> = { good: 'text-ok', bad: 'text-down', neutral: 'text-text' };
const ROWS = 40;

/** Newest first. */
export function TimelinePanel({
  transitions,
  model,
  now,
}: {
  transitions: readonly Transition[];
  model: Model;
  now: number;
}) {
  const rows = transitions.slice(-ROWS).reverse();
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline" className="mb-2 font-semibold">
        Timeline
      </h2>
      {rows.length === 0 && (
        <p className="text-text-3">No change has been seen yet. Changes of role, leader and master appear here.</p>
      )}
      <ol className="grid gap-2">
        {rows.map((transition) => (
          <Row key={transition.id} transition={transition} model={model} now={now} />
        ))}
      </ol>
    </section>
  );
}

function because(cause: Cause, model: Model): string {
  return describeTransition({ ...cause, by: [] }, model).title;
}

function Row({ transition, model, now }: { transition: Transition; model: Model; now: number }) {
  const { title, detail, tone } = describeTransition(transition, model);
  const at = new Date(transition.at).toISOString();
  return (
    <li data-code={transition.code} className="grid grid-cols-[4.5rem_1fr] gap-2 border-t border-line pt-1.5">
      <time dateTime={at} title={`${formatAge(now - transition.at)} ago`} className="font-mono text-[11px] text-text-3">
        {formatClock(transition.at)}
      </time>
      <div className="min-w-0">
        <p className={`font-semibold break-words ${TONE[tone]}`}>{title}</p>
        <p className="text-[12px] text-text-2">
          {detail}
          {transition.cause !== undefined && ` · because ${because(transition.cause, model)}`}
          {transition.between !== undefined &&
            ` · between ${formatClock(transition.between.from)} and ${formatClock(transition.between.to)}, while Trellis did not look`}
        </p>
      </div>
    </li>
  );
}
