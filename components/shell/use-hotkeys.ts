'use client';
/** The keyboard map: `g` and a letter go to a page, `/` filters, `?` explains, unless turned off; Ctrl-K finds anything. */
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { PAGES } from '#lib/routes.ts';
import type { Href } from './href.ts';
import { hasShortcuts } from './shortcuts.ts';

/** After `g` the letter must follow within this time. */
const CHORD_MS = 1_200;

export function useHotkeys({ openPalette, openHelp }: { openPalette: () => void; openHelp: () => void }): void {
  const router = useRouter();
  useEffect(() => {
    let chordUntil = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        openPalette();
        return;
      }
      const isModal = document.querySelector('[role=dialog]') !== null;
      if (event.ctrlKey || event.metaKey || event.altKey || isModal || isTyping(event.target)) return;
      if (!hasShortcuts()) return;
      if (event.timeStamp < chordUntil) {
        chordUntil = 0;
        const page = PAGES.find(({ key }) => key === event.key);
        if (page !== undefined) router.push(page.href as Href);
        return;
      }
      if (event.key === 'g') chordUntil = event.timeStamp + CHORD_MS;
      else if (event.key === '?') openHelp();
      else if (event.key === '/') {
        const filter = document.querySelector<HTMLElement>('[data-hotkey="/"]');
        if (filter === null) return;
        event.preventDefault();
        filter.focus();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [router, openPalette, openHelp]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
