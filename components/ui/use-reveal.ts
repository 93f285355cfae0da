'use client';
/** Brings the selected entity into view, and the focus with it: what opens may be far down the page. */
import { useEffect, useRef } from 'react';
import { useSelected } from './use-selected.ts';

/**
 * Scrolls to the selected entity's element, once for each selection, as soon as the page `isDrawn`. A selection made on the
 * page also moves the focus to the heading of what it opened, and takes it back to where it was when that closes.
 */
export function useReveal(isDrawn: boolean): void {
  const [selected] = useSelected();
  const entity = selected === null ? null : `${selected.kind}/${selected.id}`;
  /** Undefined until the page was drawn: on arrival the page's own title has the focus. */
  const before = useRef<string | null>(undefined);
  const opener = useRef<Element | null>(null);
  useEffect(() => {
    if (!isDrawn) return;
    const left = before.current;
    before.current = entity;
    if (entity !== null) {
      const element = document.querySelector(`[data-entity="${CSS.escape(entity)}"]`);
      element?.scrollIntoView({ block: 'nearest' });
      if (left === undefined || left === entity || element === null) return;
      const from = document.activeElement;
      // A row that is only marked keeps the focus where it is.
      if (element.contains(from)) return;
      opener.current = from;
      focusOn(element.querySelector('h2, h3'));
    } else if (left != null && document.activeElement === document.body) {
      const row = document.querySelector(`[data-row="${CSS.escape(left.slice(left.indexOf('/') + 1))}"] button`);
      const isThere = opener.current?.isConnected === true && opener.current !== document.body;
      focusOn(isThere ? opener.current : row);
    }
  }, [entity, isDrawn]);
}

function focusOn(element: Element | null): void {
  if (!(element instanceof HTMLElement)) return;
  if (/^H\d$/.test(element.tagName)) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}
