'use client';
/** Brings the selected entity into view: a link to it may point far down the page. */
import { useEffect } from 'react';
import type { Selected } from '#components/ui/use-selected.ts';

/** Scrolls to the element of the selected entity, once for each selection. */
export function useReveal(selected: Selected): void {
  const entity = selected === null ? null : `${selected.kind}/${selected.id}`;
  useEffect(() => {
    if (entity === null) return;
    document.querySelector(`[data-entity="${CSS.escape(entity)}"]`)?.scrollIntoView({ block: 'center' });
  }, [entity]);
}
