'use client';
import { LivePage } from '#components/ui/live-page.tsx';

export function ResultStoreView() {
  return <LivePage title="ResultStore">{() => null}</LivePage>;
}
