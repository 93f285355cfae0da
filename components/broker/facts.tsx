/** Facts of one entity, each under its name. */
import type { ReactNode } from 'react';

/** A list of `Fact`s that flows into as many columns as there is room for. */
export function Facts({ children }: { children: ReactNode }) {
  return (
    <dl className="grid min-w-0 grid-cols-[repeat(auto-fill,minmax(min(100%,8rem),1fr))] gap-x-3 gap-y-1.5 text-[12px]">
      {children}
    </dl>
  );
}

/** One fact; a `long` one takes the whole line, a `bad` one asks for attention. */
export function Fact(props: { name: string; long?: boolean; bad?: boolean; children: ReactNode }) {
  const { name, long = false, bad = false, children } = props;
  return (
    <div className={`min-w-0 ${long ? 'col-span-full' : ''}`}>
      <dt className="text-[11px] text-text-3">{name}</dt>
      <dd className={`break-words ${bad ? 'font-semibold text-degraded' : ''}`}>{children}</dd>
    </div>
  );
}
