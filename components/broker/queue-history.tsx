'use client';
/** What changed for one queue lately. */
import { useLive } from '#components/live/live-provider.tsx';
import { Empty } from '#components/ui/panel.tsx';
import { ClockTime } from '#components/ui/time.tsx';
import { describeTransition, type Tone } from '#lib/format/transition.ts';
import type { Model } from '#lib/model/model.ts';

const TONE: Readonly<Record<Tone, string>> = { good: 'text-ok', bad: 'text-down', neutral: 'text-text' };
const ROWS = 10;

/** The newest transitions of the queue with this id, newest first. */
export function QueueHistory({ id, model }: { id: string; model: Model }) {
  const transitions = useLive((live) => live.transitions);
  const rows = transitions
    .filter(({ subject }) => subject.kind === 'queues' && subject.id === id)
    .slice(-ROWS)
    .reverse();
  return (
    <section aria-labelledby="queue-history" className="min-w-0">
      <h3 id="queue-history" className="mb-1 font-semibold">
        Recent changes
      </h3>
      {rows.length === 0 ? (
        <Empty>No recent change of leader or copies. Older ones are on the Timeline page.</Empty>
      ) : (
        <ol className="grid gap-1 text-[12px]">
          {rows.map((transition) => {
            const { title, detail, tone } = describeTransition(transition, model);
            return (
              <li key={transition.id} className="grid grid-cols-[4.5rem_minmax(0,1fr)] gap-2">
                <span className="font-mono text-[11px] text-text-3">
                  <ClockTime at={transition.at} />
                </span>
                <span className="break-words">
                  <b className={`font-semibold ${TONE[tone]}`}>{title}</b> <span className="text-text-2">{detail}</span>
                </span>
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}
