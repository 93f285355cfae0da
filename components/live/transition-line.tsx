'use client';
/** One line of a timeline: when, what, and why. */
import Link from 'next/link';
import { useClockZone } from '#components/ui/clock-zone.tsx';
import { ClockTime } from '#components/ui/time.tsx';
import { formatClock } from '#lib/format/quantity.ts';
import { describeTransition, type Tone } from '#lib/format/transition.ts';
import type { Model } from '#lib/model/model.ts';
import type { Transition } from '#lib/model/transition.ts';
import { entityRoute } from '#lib/routes.ts';

const TONE: Readonly<Record<Tone, string>> = { good: 'text-ok', bad: 'text-down', neutral: 'text-text' };

/** `underDay` = a heading above says the day. */
export type TransitionLineProps = { transition: Transition; model: Model; underDay?: boolean };

export function TransitionLine({ transition, model, underDay = false }: TransitionLineProps) {
  const zone = useClockZone();
  const { title, detail, tone } = describeTransition(transition, model);
  const { subject, cause, between } = transition;
  const remarks = [
    detail,
    cause !== undefined && `because ${describeTransition({ ...cause, by: [] }, model).title}`,
    between !== undefined &&
      `between ${formatClock(between.from, zone)} and ${formatClock(between.to, zone)}, while Trellis did not look`,
  ].filter((text) => text !== false);
  return (
    <li data-code={transition.code} className="grid grid-cols-[4.5rem_1fr] gap-2 border-t border-line py-1.5">
      <span className="font-mono text-[11px] leading-[19px] text-text-3">
        <ClockTime at={transition.at} underDay={underDay} />
      </span>
      <div className="min-w-0">
        <Link
          href={entityRoute(subject.kind, subject.id)}
          className={`font-semibold break-words hover:underline ${TONE[tone]}`}
        >
          {title}
        </Link>
        <p className="text-[12px] break-words text-text-2">{remarks.join(' · ')}</p>
      </div>
    </li>
  );
}
