'use client';
/** The proxies page: who serves what at each proxy, and every proxy's servers in detail. */
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panels } from '#components/ui/panel.tsx';
import { useSelected } from '#components/ui/use-selected.ts';
import type { Model } from '#lib/model/model.ts';
import { ProxyPanel } from './proxy-panel.tsx';
import { ServingMatrix } from './serving-matrix.tsx';

/** The page. */
export function ProxiesView() {
  return (
    <LivePage title="Proxies" about="The entrances of the applications: where each HAProxy really sends them.">
      {(model, now) => <Proxies model={model} now={now} />}
    </LivePage>
  );
}

function Proxies({ model, now }: { model: Model; now: number }) {
  const [selected] = useSelected();
  const proxies = Object.values(model.proxies);
  if (proxies.length === 0) {
    return (
      <Empty>
        No proxy is watched. Name each HAProxy under haproxy: in trellis.yaml, with its stats: or its socket:.
      </Empty>
    );
  }
  return (
    <Panels>
      <ServingMatrix model={model} now={now} />
      {proxies.map((proxy) => (
        <ProxyPanel
          key={proxy.id}
          proxy={proxy}
          model={model}
          now={now}
          isSelected={selected?.kind === 'proxies' && selected.id === proxy.id}
        />
      ))}
    </Panels>
  );
}
