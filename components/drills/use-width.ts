'use client';
/** How wide an element is, so that what is drawn in it fits. */
import { useCallback, useState } from 'react';

/** A ref for the element, and its width in pixels; 0 until it is known. */
export function useWidth(): [ref: (element: Element | null) => (() => void) | undefined, widthPx: number] {
  const [widthPx, setWidthPx] = useState(0);
  const ref = useCallback((element: Element | null) => {
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidthPx(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, widthPx];
}
