/** One drill of the catalog: what it proves, its risk, how it went last, how its outages developed. */
import Link from 'next/link';
import { Sparkline } from '#components/charts/sparkline.tsx';
import { BUTTON } from '#components/ui/action-form.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { Tag } from '#components/ui/tag.tsx';
import { Age } from '#components/ui/time.tsx';
import type { DrillEntry, TrendPoint } from '#lib/contract/drills.ts';
import { RISK_WORDS, verdictShown } from '#lib/format/drill.ts';
import { formatDuration } from '#lib/format/task.ts';
import { drillRoute, runRoute } from '#lib/routes.ts';

export function CatalogRow({ entry }: { entry: DrillEntry }) {
  const { id, title, proves, risk, disabled } = entry;
  const { word, means } = RISK_WORDS[risk];
  return (
    <li
      data-drill-entry={id}
      data-disabled={disabled === null ? 'no' : 'yes'}
      className="grid min-w-0 gap-x-4 gap-y-1 border-t border-line py-1.5 md:grid-cols-[minmax(0,1fr)_6.5rem_9rem_9rem_auto] md:items-center"
    >
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <Link href={drillRoute(id)} className="font-semibold hover:underline">
            {title}
          </Link>
          <span className="font-mono text-[11px] text-text-3">{id}</span>
        </p>
        <p className="text-[12px] break-words text-text-2">{proves}</p>
        {disabled !== null && <p className="text-[12px] break-words text-degraded">Cannot be started: {disabled}</p>}
      </div>
      <span title={means}>
        <Tag look={risk === 'forced' ? 'warn' : 'plain'}>{word}</Tag>
      </span>
      <Last entry={entry} />
      <Trend entry={entry} />
      <Link href={drillRoute(id)} aria-label={`Plan ${title}`} className={`${BUTTON} justify-self-start`}>
        Plan…
      </Link>
    </li>
  );
}

function Last({ entry: { last } }: { entry: DrillEntry }) {
  if (last === null) return <span className="text-[12px] text-text-3">never run</span>;
  return (
    <Link href={runRoute(last.run)} className="text-[12px] hover:underline">
      <StatusMark {...verdictShown(last.verdict)} /> <Age at={last.at} suffix=" ago" />
    </Link>
  );
}

/** The longest outage of each run that measured one, oldest first. */
function Trend({ entry: { trend } }: { entry: DrillEntry }) {
  const values = trend.map(({ outageMs }) => longestOf(outageMs));
  if (values.every((ms) => ms === null))
    return <span className="text-[12px] text-text-3 max-md:hidden">no outage measured</span>;
  const newest = values.at(-1) ?? null;
  return (
    <span data-trend={values.length} className="inline-flex items-center gap-2 text-[12px] text-text-2">
      <Sparkline values={values} label={`longest outage of the last ${values.length} runs`} />
      {newest === null ? 'none last' : formatDuration(newest)}
    </span>
  );
}

/** null = nothing was out, or nothing was measured. */
function longestOf(outageMs: TrendPoint['outageMs']): number | null {
  const told = Object.values(outageMs).filter((ms) => ms !== null);
  return told.length === 0 ? null : Math.max(...told);
}
