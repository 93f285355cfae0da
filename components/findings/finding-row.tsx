'use client';
/** One finding in a line; opened, all that is known of it. */
import { ChevronDown, ChevronRight } from 'lucide-react';
import { DrillTag } from '#components/live/drill-tag.tsx';
import { SeverityMark } from '#components/live/severity-mark.tsx';
import { Tag } from '#components/ui/tag.tsx';
import { Age, ClockTime } from '#components/ui/time.tsx';
import { useSelected } from '#components/ui/use-selected.ts';
import { acknowledgementOf } from '#lib/format/finding.ts';
import type { Finding } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import { FindingDetail } from './finding-detail.tsx';

export type FindingProps = { finding: Finding; model: Model; now: number };

export function FindingRow(props: FindingProps) {
  const { finding, now } = props;
  const { id, code, severity, text, since, lastSeen } = finding;
  const [selected, select] = useSelected();
  const isOpen = selected?.kind === 'findings' && selected.id === id;
  const acknowledged = acknowledgementOf(finding, now);
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <div data-entity={`findings/${id}`} data-code={code} data-severity={severity} className="min-w-0 scroll-m-4">
      <div className="flex min-w-0 items-baseline gap-x-1">
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => select('findings', isOpen ? null : id)}
          className="grid min-w-0 flex-1 grid-cols-[auto_5rem_minmax(0,1fr)] items-baseline gap-x-2 rounded-sm py-1 text-left hover:bg-raised aria-expanded:bg-raised"
        >
          <Chevron aria-hidden size={12} className="self-center text-text-3" />
          <SeverityMark finding={finding} />
          <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
            <span className={`min-w-0 break-words ${acknowledged === null ? 'font-semibold' : 'text-text-2'}`}>
              {text}
            </span>
            {acknowledged !== null && <Tag>acknowledged by {acknowledged.by}</Tag>}
            <span className="text-[11px] text-text-3">
              for <Age at={since} />
            </span>
          </span>
        </button>
        <DrillTag finding={finding} />
      </div>
      {lastSeen !== null && (
        <p className="hatched px-1 text-[12px] text-stale">
          Not seen any more since <ClockTime at={lastSeen} />: whoever said it is silent.
        </p>
      )}
      {isOpen && <FindingDetail {...props} />}
    </div>
  );
}
