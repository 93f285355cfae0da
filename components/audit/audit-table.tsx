'use client';
/** The writes, newest first: who, what, to what, why, and what became of it. */
import { Check, CircleHelp, CircleSlash, Loader, type LucideIcon, TriangleAlert, X } from 'lucide-react';
import { useState } from 'react';
import { ScrollRegion } from '#components/ui/scroll-region.tsx';
import { ClockTime } from '#components/ui/time.tsx';
import type { AuditEntry, AuditOutcome } from '#lib/contract/audit.ts';
import { type AuditWrite, OUTCOME_WORDS, tookMs } from '#lib/format/audit.ts';
import { formatDuration } from '#lib/format/task.ts';
import { ACTIONS, type ActionId } from '#lib/permissions.ts';

const COLUMNS = ['When', 'Who', 'What', 'To what', 'Why', 'Outcome'] as const;

export function AuditTable({ writes }: { writes: readonly AuditWrite[] }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <ScrollRegion label="writes">
      <table className="w-full text-left text-[12px]">
        <caption className="sr-only">writes, newest first</caption>
        <thead className="text-text-3">
          <tr>
            {COLUMNS.map((title) => (
              <th key={title} scope="col" className="py-1 pr-4 font-normal whitespace-nowrap">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        {writes.map((write) => (
          <WriteRows
            key={write.request}
            write={write}
            isOpen={open === write.request}
            onToggle={() => setOpen(open === write.request ? null : write.request)}
          />
        ))}
      </table>
    </ScrollRegion>
  );
}

type WriteRowsProps = { write: AuditWrite; isOpen: boolean; onToggle: () => void };

function WriteRows({ write, isOpen, onToggle }: WriteRowsProps) {
  const { entry, request } = write;
  const cell = 'py-1.5 pr-4 align-baseline';
  return (
    <tbody data-request={request} data-outcome={write.after?.outcome ?? 'under-way'} className="border-t border-line">
      <tr>
        <td className={`${cell} font-mono text-[11px] whitespace-nowrap`}>
          <ClockTime at={(write.before ?? entry).at} />
        </td>
        <td className={`${cell} whitespace-nowrap`}>
          {entry.actor} <span className="text-text-3">{entry.role}</span>
        </td>
        <th scope="row" className={`${cell} font-normal whitespace-nowrap`}>
          <button type="button" aria-expanded={isOpen} onClick={onToggle} className="text-accent hover:underline">
            {titleOf(entry.action)}
          </button>
        </th>
        <td className={`${cell} font-mono break-all`}>{entry.target}</td>
        <td className={`${cell} min-w-40 break-words`}>{entry.reason === '' ? '–' : entry.reason}</td>
        <td className={`${cell} whitespace-nowrap`}>
          <Outcome write={write} />
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={COLUMNS.length} className="pb-3">
            <div className="grid gap-3 rounded-sm bg-canvas p-2 md:grid-cols-2">
              <Phase title="Asked for" entry={write.before} />
              <Phase title="How it went" entry={write.after} />
              <p className="font-mono text-[11px] text-text-3 md:col-span-2">request {request}</p>
            </div>
          </td>
        </tr>
      )}
    </tbody>
  );
}

const MARKS: Readonly<Record<AuditOutcome, readonly [shape: LucideIcon, look: string]>> = {
  done: [Check, 'text-ok'],
  verified: [Check, 'text-ok'],
  'not-verified': [TriangleAlert, 'text-degraded'],
  failed: [X, 'text-down'],
  refused: [CircleSlash, 'text-text-2'],
  unknown: [CircleHelp, 'text-unknown'],
};

function Outcome({ write }: { write: AuditWrite }) {
  const outcome = write.after?.outcome ?? null;
  const [Shape, look] = outcome === null ? [Loader, 'text-text-2'] : MARKS[outcome];
  const tookOf = tookMs(write);
  return (
    <span className={`inline-flex items-baseline gap-1 ${look}`}>
      <Shape aria-hidden size={13} strokeWidth={2.5} className="shrink-0 self-center" />
      {outcome === null ? 'under way' : OUTCOME_WORDS[outcome]}
      {tookOf !== null && outcome !== 'unknown' && <span className="text-text-3">{formatDuration(tookOf)}</span>}
    </span>
  );
}

function Phase({ title, entry }: { title: string; entry: AuditEntry | null }) {
  return (
    <section aria-label={title} className="min-w-0">
      <h3 className="font-semibold">{title}</h3>
      {entry === null ? (
        <p className="text-text-3">nothing was written</p>
      ) : (
        <>
          <p className="text-text-2">
            entry {entry.seq} at <ClockTime at={entry.at} />
          </p>
          <pre className="mt-1 overflow-x-auto font-mono text-[11px] whitespace-pre-wrap break-words">
            {JSON.stringify(entry.details, null, 1)}
          </pre>
          <p className="mt-1 truncate font-mono text-[11px] text-text-3" title={entry.hash}>
            {entry.hash}
          </p>
        </>
      )}
    </section>
  );
}

function titleOf(action: string): string {
  if (action === 'unread') return 'Not read';
  return Object.hasOwn(ACTIONS, action) ? ACTIONS[action as ActionId].title : action;
}
