/** Facts of a worker, each under its name. */
import type { ReactNode } from 'react';

/** A list of `Fact`s that flows into as many columns as there is room for. */
export function Facts({ children }: { children: ReactNode }) {
  return (
    <dl className="grid min-w-0 grid-cols-[repeat(auto-fill,minmax(min(100%,9rem),1fr))] gap-x-3 gap-y-1.5 text-[12px]">
      {children}
    </dl>
  );
}

/** One fact; `null` as its content = not told. A `bad` one asks for attention. */
export function Fact({ name, bad = false, children }: { name: string; bad?: boolean; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-[11px] text-text-3">{name}</dt>
      <dd className={`break-words ${bad ? 'font-semibold text-degraded' : ''}`}>
        {children ?? <span className="text-text-3">not told</span>}
      </dd>
    </div>
  );
}
