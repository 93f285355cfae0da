'use client';
import { LivePage } from '#components/ui/live-page.tsx';

export function ProxiesView() {
  return <LivePage title="Proxies">{() => null}</LivePage>;
}
