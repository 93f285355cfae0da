'use client';
import { LivePage } from '#components/ui/live-page.tsx';

export function BeatView() {
  return <LivePage title="Beat">{() => null}</LivePage>;
}
