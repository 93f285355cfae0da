'use client';
/** A run beside another one of the same drill, chosen in the address. */
import Link from 'next/link';
import { parseAsString, useQueryState } from 'nuqs';
import { FIELD } from '#components/ui/action-form.tsx';
import { useClockZone } from '#components/ui/clock-zone.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
import { ScrollRegion } from '#components/ui/scroll-region.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { runShown } from '#lib/format/drill.ts';
import { type ComparedRow, compareRuns } from '#lib/format/drill-report.ts';
import { formatMoment } from '#lib/format/quantity.ts';
import type { Run } from '#lib/model/drill.ts';
import type { Shown } from '#lib/model/status.ts';
import { BESIDE, runRoute } from '#lib/routes.ts';
import { useOtherRun, useRuns } from './use-drills.ts';

const CHANGE: Readonly<Record<NonNullable<ComparedRow['change']>, Shown>> = {
  better: { status: 'ok', word: 'better' },
  worse: { status: 'degraded', word: 'worse' },
  same: { status: 'unknown', word: 'the same' },
};

export function ComparePanel({ run, now }: { run: Run; now: number }) {
  const [beside, setBeside] = useQueryState(BESIDE, parseAsString);
  const { data } = useRuns(run.drill);
  const other = useOtherRun(beside);
  const zone = useClockZone();
  const others = (data?.runs ?? []).filter(({ id }) => id !== run.id);
  return (
    <Panel id="compare" title="Beside another run" note="of the same drill">
      <label className="mb-2 flex max-w-md items-center gap-2 text-[12px]">
        <span className="whitespace-nowrap text-text-2">Compare with</span>
        <select value={beside ?? ''} onChange={(event) => void setBeside(event.target.value || null)} className={FIELD}>
          <option value="">no other run</option>
          {others.map((one) => (
            <option key={one.id} value={one.id}>
              {formatMoment(one.startedAt, zone).slice(0, 19)} · {runShown(one).word} · {one.actor}
            </option>
          ))}
        </select>
      </label>
      {data !== undefined && others.length === 0 && (
        <Empty>This drill was run once. Run it again to see what has changed.</Empty>
      )}
      {other.error !== null && (
        <p role="alert" className="text-degraded">
          The other run cannot be read: {other.error.message}
        </p>
      )}
      {other.data !== undefined && beside !== null && <Compared mine={run} other={other.data.run} now={now} />}
    </Panel>
  );
}

function Compared({ mine, other, now }: { mine: Run; other: Run; now: number }) {
  return (
    <ScrollRegion label="Comparison">
      <table className="w-full text-left text-[12px]">
        <caption className="sr-only">this run beside the other</caption>
        <thead className="text-text-3">
          <tr>
            <th scope="col" className="py-1 pr-4 font-normal">
              What
            </th>
            <th scope="col" className="py-1 pr-4 font-normal">
              This run
            </th>
            <th scope="col" className="py-1 pr-4 font-normal">
              <Link href={runRoute(other.id)} className="text-accent hover:underline">
                The other
              </Link>
            </th>
            <th scope="col" className="py-1 font-normal">
              This one is
            </th>
          </tr>
        </thead>
        <tbody>
          {compareRuns(mine, other, now).map(({ id, what, mine: left, other: right, change }) => (
            <tr key={id} data-compared={id} data-change={change ?? ''} className="border-t border-line align-top">
              <th scope="row" className="py-1 pr-4 font-normal text-text-2">
                {what}
              </th>
              <td className="py-1 pr-4 font-semibold">{left}</td>
              <td className="py-1 pr-4">{right}</td>
              <td className="py-1">{change !== null && <StatusMark {...CHANGE[change]} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
