'use client';
import { LivePage } from '#components/ui/live-page.tsx';

export function BrokerView() {
  return <LivePage title="Broker">{() => null}</LivePage>;
}
