'use client';
import { LivePage } from '#components/ui/live-page.tsx';

export function CoordinationView() {
  return <LivePage title="Coordination">{() => null}</LivePage>;
}
