/** A titled part of a page. What goes wrong inside stays inside. */
import { Children, type ReactNode } from 'react';
import { ErrorBoundary } from './error-boundary.tsx';

export type PanelProps = {
  /** Also the anchor of the panel. */
  id: string;
  title: string;
  /** A short remark beside the title. */
  note?: ReactNode;
  /** Buttons at the right end of the title. */
  actions?: ReactNode;
  /** Without a frame of its own. */
  bare?: boolean;
  children: ReactNode;
};

/** A panel; its title names the region for screen readers. */
export function Panel({ id, title, note, actions, bare = false, children }: PanelProps) {
  const frame = bare ? '' : 'rounded-md border border-line bg-panel p-3';
  return (
    <section id={id} aria-labelledby={`${id}-title`} className={`min-w-0 ${frame}`}>
      <div className="mb-2 flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h2 id={`${id}-title`} className="text-[14px] font-semibold">
          {title}
        </h2>
        {note !== undefined && <p className="min-w-0 text-[12px] break-words text-text-2">{note}</p>}
        {actions !== undefined && <div className="ml-auto flex gap-1.5">{actions}</div>}
      </div>
      <ErrorBoundary what={title}>{children}</ErrorBoundary>
    </section>
  );
}

/** What a panel says when it has nothing to show: why, and what to do about it. */
export function Empty({ children }: { children: ReactNode }) {
  return <p className="rounded-md border border-dashed border-line p-4 text-center text-text-2">{children}</p>;
}

/** The panels of a page, one below the other: one that cannot be drawn does not take the others with it. */
export function Panels({ children }: { children: ReactNode }) {
  return Children.map(children, (child) => <ErrorBoundary what="This part of the page">{child}</ErrorBoundary>);
}
