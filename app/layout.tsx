import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { LiveProvider } from '#components/live/live-provider.tsx';
import { Header } from '#components/shell/header.tsx';
import './globals.css';

export const metadata: Metadata = { title: 'Trellis', description: 'What keeps Celery up, live' };
export const viewport: Viewport = { colorScheme: 'dark light' };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <LiveProvider>
          <Header />
          <main>{children}</main>
        </LiveProvider>
      </body>
    </html>
  );
}
