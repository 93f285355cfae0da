'use client';
/** The counter of what is not well, and behind it the list. */
import { Popover } from '@base-ui/react/popover';
import Link from 'next/link';
import { useState } from 'react';
import { StatusMark } from '#components/ui/status.tsx';
import { entityName } from '#lib/format/names.ts';
import type { Model } from '#lib/model/model.ts';
import type { Problem } from '#lib/model/problems.ts';
import { entityRoute } from '#lib/routes.ts';

export function Problems({ problems, model }: { problems: readonly Problem[]; model: Model }) {
  const [open, setOpen] = useState(false);
  const count = problems.length;
  if (count === 0 && !open) return <span className="text-[12px] text-text-3">no problems</span>;
  const hasDown = problems.some((one) => one.shown.status === 'down');
  const colour = hasDown ? 'border-down/60 text-down' : 'border-degraded/60 text-degraded';
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className={`rounded-sm border px-2 text-[12px] font-semibold ${colour}`}>
        {count} {count === 1 ? 'problem' : 'problems'}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" className="z-40">
          <Popover.Popup className="max-h-[70vh] w-96 max-w-[calc(100vw-1.5rem)] overflow-auto rounded-md border border-line bg-panel p-2 shadow-lg">
            <Popover.Title className="px-1 pb-1 font-semibold">What is not well</Popover.Title>
            <ul>
              {problems.map(({ kind, id, host, shown }) => (
                <li key={`${kind}/${id}`} className="border-t border-line">
                  <Link
                    href={entityRoute(kind, id)}
                    onClick={() => setOpen(false)}
                    className="flex flex-wrap items-baseline gap-x-2 rounded-sm p-1 hover:bg-raised"
                  >
                    <span className="font-semibold">{entityName(kind, id, model)}</span>
                    {host !== null && <span className="text-[12px] text-text-3">{host}</span>}
                    <span className="ml-auto text-[12px]">
                      <StatusMark {...shown} />
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
