'use client';
/** What stands around every page: header, navigation, palette, keyboard, the document's title. */
import dynamic from 'next/dynamic';
import { type ReactNode, useCallback, useState } from 'react';
import { ErrorBoundary } from '#components/ui/error-boundary.tsx';
import { Announcer } from './announcer.tsx';
import { DocumentTitle } from './document-title.tsx';
import { Header } from './header.tsx';
import { Navigation } from './navigation.tsx';
import { useFocusOnArrival } from './use-focus-on-arrival.ts';
import { useHotkeys } from './use-hotkeys.ts';

/** Loaded when first asked for: most visits never open them. */
const Palette = dynamic(() => import('./palette.tsx').then((module) => module.Palette), { ssr: false });
const KeyboardHelp = dynamic(() => import('./keyboard-help.tsx').then((module) => module.KeyboardHelp), { ssr: false });

type Opened = 'palette' | 'help' | null;

export function Shell({ children }: { children: ReactNode }) {
  const [opened, setOpened] = useState<Opened>(null);
  const close = useCallback(() => setOpened(null), []);
  const openPalette = useCallback(() => setOpened('palette'), []);
  const openHelp = useCallback(() => setOpened('help'), []);
  useHotkeys({ openPalette, openHelp });
  useFocusOnArrival();
  return (
    <>
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:bg-panel focus:p-2"
      >
        Skip to the page
      </a>
      <DocumentTitle />
      <ErrorBoundary what="Announcements">
        <Announcer />
      </ErrorBoundary>
      <ErrorBoundary what="Header">
        <Header openPalette={openPalette} />
      </ErrorBoundary>
      <div className="lg:flex">
        <Navigation />
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 outline-none">
          <ErrorBoundary what="Page">{children}</ErrorBoundary>
        </main>
      </div>
      {opened === 'palette' && <Palette close={close} openHelp={openHelp} />}
      {opened === 'help' && <KeyboardHelp close={close} />}
    </>
  );
}
