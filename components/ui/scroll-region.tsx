/** What is wider or taller than its place scrolls in it, by keyboard too, and never widens the page. */
import type { CSSProperties, ReactNode, Ref } from 'react';

export type ScrollRegionProps = {
  /** What is in it; said with "scrollable". */
  label: string;
  ref?: Ref<HTMLElement>;
  style?: CSSProperties | undefined;
  children: ReactNode;
};

/** A region that can be reached by Tab and scrolled with the arrow keys (WCAG 2.1.1). */
export function ScrollRegion({ label, ref, style, children }: ScrollRegionProps) {
  return (
    <section
      ref={ref}
      aria-label={`${label}, scrollable`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      // Words for screen readers are laid out absolutely: they must not widen the page.
      className="relative overflow-auto"
      style={style}
    >
      {children}
    </section>
  );
}
