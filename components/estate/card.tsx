/** One card of the rack: who, in which role, how it is, how old that is, and whether tasks pass through it now. */
import { Repeat2 } from 'lucide-react';
import Link from 'next/link';
import { Sparkline } from '#components/charts/sparkline.tsx';
import { DrillLink } from '#components/live/drill-link.tsx';
import { STATUS_EDGE, StatusMark } from '#components/ui/status.tsx';
import { Tag } from '#components/ui/tag.tsx';
import { formatAge } from '#lib/format/quantity.ts';
import type { RackCard } from './layers.tsx';

/** Place for one or two lines of text, whatever there is to say: what Trellis learns after its start must not move the rack. */
const MIN_HEIGHT = { 1: 'lg:min-h-[51px]', 2: 'lg:min-h-[68px]' } as const;
const LINES = { 1: 'lg:h-[18px] lg:overflow-hidden', 2: 'lg:h-[35px] lg:overflow-hidden' } as const;

type CardProps = { card: RackCard; now: number; line: readonly (number | null)[] | undefined };

/** A card. The status is also in `data-status`, for tests and for style sheets of others. */
export function Card({ card, now, line }: CardProps) {
  const { id, name, shown, leads, seenAt, path, href, figure, drill } = card;
  const onPath = path.length > 0 && shown.status === 'ok';
  // The line of what does not answer says nothing, and takes the room that the fault's words need.
  const hasLine = figure !== undefined && (shown.status === 'ok' || shown.status === 'degraded');
  return (
    <article
      aria-label={name}
      data-entity={id}
      data-status={shown.status}
      data-path={path.join(' ')}
      className={`@container relative h-full min-w-0 rounded-md border bg-panel px-2.5 py-1.5 ${MIN_HEIGHT[card.lines ?? 1]} ${STATUS_EDGE[shown.status]} ${onPath ? 'border-l-2 border-l-ok' : ''}`}
    >
      <header className="flex items-center gap-2">
        <h3 className="min-w-0 truncate font-semibold">
          <Link href={href} title={name} className="after:absolute after:inset-0 hover:underline">
            {name}
          </Link>
        </h3>
        {leads !== undefined && <Tag look="lead">★ {leads}</Tag>}
        {drill !== undefined && (
          // The card's own link lies over all of it but this.
          <span className="relative z-10 -my-1">
            <DrillLink drill={drill.id} aim={drill.aim} label={`${drill.word} ${name}`}>
              <Repeat2 aria-hidden size={11} /> <span className="@max-[20rem]:sr-only">{drill.word}…</span>
            </DrillLink>
          </span>
        )}
        <span className="ml-auto text-[11px] whitespace-nowrap text-text-3">
          <span className="sr-only">seen </span>
          {seenAt === null ? 'never seen' : formatAge(now - seenAt)}
        </span>
      </header>
      {/* Figures that come and go must not move the rack; a fault may take the room that it needs. */}
      <div
        className={`flex min-w-0 flex-wrap items-baseline gap-x-2 text-[12px] text-text-2 ${shown.status === 'ok' ? LINES[card.lines ?? 1] : ''}`}
      >
        <StatusMark {...shown} />
        {card.detail}
        <span className="ml-auto flex items-center gap-2 self-center">
          {path.length > 0 && <PathSteps path={path} />}
          {hasLine && (
            <span className={shown.status === 'ok' ? 'text-ok/70' : 'text-text-3'}>
              <Sparkline values={line ?? []} label={`${figure.title} in the last ten minutes`} />
            </span>
          )}
        </span>
      </div>
    </article>
  );
}

/** The steps of the live path that lead through the card. */
function PathSteps({ path }: { path: readonly number[] }) {
  return (
    <span
      title="where a task passes now: 1 publish, 2 broker, 3 work, 4 result"
      className="rounded-full border border-ok/50 px-1.5 text-[10px] leading-4 whitespace-nowrap text-ok"
    >
      <span className="sr-only">step </span>
      {path.join(' · ')}
    </span>
  );
}
