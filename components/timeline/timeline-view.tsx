'use client';
import { LivePage } from '#components/ui/live-page.tsx';

export function TimelineView() {
  return <LivePage title="Timeline">{() => null}</LivePage>;
}
