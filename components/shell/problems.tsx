'use client';
/** The counter of what is not well, and behind it the list: what broke with what follows from it, then what is not seen. */
import { Popover } from '@base-ui/react/popover';
import Link from 'next/link';
import { useState } from 'react';
import { DrillTag } from '#components/live/drill-tag.tsx';
import { SeverityMark } from '#components/live/severity-mark.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import type { FindingGroup } from '#lib/format/finding.ts';
import { entityName } from '#lib/format/names.ts';
import { formatCount } from '#lib/format/quantity.ts';
import type { Verdict } from '#lib/format/verdict.ts';
import type { Finding } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import type { Problem } from '#lib/model/problems.ts';
import { entityRoute, routes } from '#lib/routes.ts';

/** More consequences than these are only counted. */
const SHOWN = 4;

export function Problems({ verdict, model }: { verdict: Verdict; model: Model }) {
  const [open, setOpen] = useState(false);
  const { groups, parts, problems: count, acknowledged } = verdict;
  if (count === 0 && !open)
    return (
      <Link href={{ pathname: routes.findings }} className="text-[12px] text-text-3 hover:underline">
        {acknowledged > 0 ? `${acknowledged} acknowledged` : 'no problems'}
      </Link>
    );
  const isGrave =
    groups.some(({ root }) => root.severity === 'critical') || parts.some((one) => one.shown.status === 'down');
  const colour = isGrave ? 'border-down/60 text-down' : 'border-degraded/60 text-degraded';
  const close = () => setOpen(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className={`rounded-sm border px-2 text-[12px] font-semibold ${colour}`}>
        {formatCount(count, 'problem')}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" className="z-40">
          <Popover.Popup className="max-h-[70vh] w-96 max-w-[calc(100vw-1.5rem)] overflow-auto rounded-md border border-line bg-panel p-2 shadow-lg">
            <div className="flex items-baseline justify-between px-1 pb-1">
              <Popover.Title className="font-semibold">What is not well</Popover.Title>
              <Link
                href={{ pathname: routes.findings }}
                onClick={close}
                className="text-[12px] text-accent hover:underline"
              >
                all findings
              </Link>
            </div>
            <ul>
              {groups.map((group) => (
                <GroupItem key={group.root.id} group={group} close={close} />
              ))}
              {parts.map((part) => (
                <PartItem key={`${part.kind}/${part.id}`} part={part} model={model} close={close} />
              ))}
            </ul>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function GroupItem({ group: { root, consequences }, close }: { group: FindingGroup; close: () => void }) {
  return (
    <li data-finding={root.id} className="border-t border-line">
      <FindingLink finding={root} close={close} />
      {consequences.length > 0 && (
        <div className="mb-1 ml-2 border-l border-line pl-2">
          <p className="px-1 text-[11px] text-text-3">{formatCount(consequences.length, 'consequence')}</p>
          <ul>
            {consequences.slice(0, SHOWN).map((one) => (
              <li key={one.id}>
                <FindingLink finding={one} close={close} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </li>
  );
}

function FindingLink({ finding, close }: { finding: Finding; close: () => void }) {
  return (
    <div className="flex min-w-0 items-baseline gap-x-1">
      <Link
        href={entityRoute('findings', finding.id)}
        onClick={close}
        className="grid min-w-0 flex-1 grid-cols-[5rem_minmax(0,1fr)] items-baseline gap-x-2 rounded-sm p-1 hover:bg-raised"
      >
        <SeverityMark finding={finding} />
        <span className="break-words">{finding.text}</span>
      </Link>
      <DrillTag finding={finding} onClick={close} />
    </div>
  );
}

function PartItem({ part, model, close }: { part: Problem; model: Model; close: () => void }) {
  const { kind, id, host, shown } = part;
  return (
    <li className="border-t border-line">
      <Link
        href={entityRoute(kind, id)}
        onClick={close}
        className="flex flex-wrap items-baseline gap-x-2 rounded-sm p-1 hover:bg-raised"
      >
        <span className="font-semibold">{entityName(kind, id, model)}</span>
        {host !== null && <span className="text-[12px] text-text-3">{host}</span>}
        <span className="ml-auto text-[12px]">
          <StatusMark {...shown} />
        </span>
      </Link>
    </li>
  );
}
