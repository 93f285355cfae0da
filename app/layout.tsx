import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import type { ReactNode } from 'react';
import { LiveProvider } from '#components/live/live-provider.tsx';
import { Shell } from '#components/shell/shell.tsx';
import { ClockZoneProvider } from '#components/ui/clock-zone.tsx';
import './globals.css';

export const metadata: Metadata = { title: 'Trellis', description: 'What keeps Celery up, live' };
export const viewport: Viewport = { colorScheme: 'dark light' };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const choices = await cookies();
  const theme = choices.get('theme')?.value;
  const zone = choices.get('clock')?.value === 'local' ? 'local' : 'utc';
  return (
    <html lang="en" data-theme={theme === 'dark' || theme === 'light' ? theme : undefined}>
      <body>
        <NuqsAdapter>
          <LiveProvider>
            <ClockZoneProvider initial={zone}>
              <Shell>{children}</Shell>
            </ClockZoneProvider>
          </LiveProvider>
        </NuqsAdapter>
      </body>
    </html>
  );
}
