/** Guards: what was checked, how it came out, who said so, and how old that is. What refuses comes first. */
import { StatusMark } from '#components/ui/status.tsx';
import { GUARD_SHOWN, sortedChecks } from '#lib/format/drill-plan.ts';
import { someOf } from '#lib/format/list.ts';
import { formatAge } from '#lib/format/quantity.ts';
import type { GuardCheck } from '#lib/model/drill.ts';

export type GuardListProps = {
  checks: readonly GuardCheck[];
  /** What to add to the ages, which are of the moment in which the plan was made (ms). */
  sinceMs: number;
};

export function GuardList({ checks, sinceMs }: GuardListProps) {
  return (
    <ul aria-label="Guards" className="grid text-[12px]">
      {sortedChecks(checks).map((check) => (
        <li
          key={check.id}
          data-guard={check.id}
          data-level={check.level}
          className={`grid grid-cols-[5.5rem_minmax(0,1fr)] items-start gap-x-2 border-t border-line py-1 ${check.level === 'block' ? 'bg-down/5' : ''}`}
        >
          <StatusMark {...GUARD_SHOWN[check.level]} />
          <div className="min-w-0">
            <span className={`break-words ${check.level === 'pass' ? 'text-text-2' : ''}`}>{check.text}</span>
            <Evidence check={check} sinceMs={sinceMs} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function Evidence({ check: { by, ageMs }, sinceMs }: { check: GuardCheck; sinceMs: number }) {
  if (by.length === 0 && ageMs === null) return null;
  const who = by.length === 0 ? 'Trellis' : someOf(by);
  return (
    <span title={by.join('\n')} className="block text-[11px] break-words text-text-3">
      {who}
      {ageMs !== null && ` · ${formatAge(ageMs + Math.max(0, sinceMs))} old`}
    </span>
  );
}
