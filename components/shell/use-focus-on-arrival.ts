'use client';
/** After a change of page the focus is on the page's title: what had it before is gone, or belongs to the page before. */
import { usePathname } from 'next/navigation';
import { useEffect, useRef } from 'react';

export function useFocusOnArrival(): void {
  const path = usePathname();
  const from = useRef(path);
  useEffect(() => {
    if (from.current === path) return;
    from.current = path;
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }, [path]);
}
