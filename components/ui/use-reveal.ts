'use client';
/** Brings the selected entity into view: a link to it may point far down the page. */
import { useEffect } from 'react';
import { useSelected } from './use-selected.ts';

/** Scrolls to the selected entity's element, once for each selection, as soon as the page `isDrawn`. */
export function useReveal(isDrawn: boolean): void {
  const [selected] = useSelected();
  const entity = selected === null ? null : `${selected.kind}/${selected.id}`;
  useEffect(() => {
    if (entity === null || !isDrawn) return;
    document.querySelector(`[data-entity="${CSS.escape(entity)}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [entity, isDrawn]);
}
