'use client';
/** One proxy: how it is, how busy, and the servers of each of its backends. */
import { Sparkline } from '#components/charts/sparkline.tsx';
import { useLive } from '#components/live/live-provider.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { Age } from '#components/ui/time.tsx';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Proxy } from '#lib/model/haproxy.ts';
import type { Model } from '#lib/model/model.ts';
import { servingServers } from '#lib/model/proxy-agreement.ts';
import { seriesOf } from '#lib/model/samples.ts';
import { proxyStatus } from '#lib/model/status.ts';
import { ServerTable } from './server-table.tsx';
import { serverName } from './words.ts';

/** A proxy, and whether the address points at it. */
export type ProxyPanelProps = { proxy: Proxy; model: Model; now: number; isSelected: boolean };

/** The proxy's panel. */
export function ProxyPanel({ proxy, model, now, isSelected }: ProxyPanelProps) {
  const shown = proxyStatus(proxy, model, now);
  const isFresh = isCurrent(model.readings[proxy.own], now);
  return (
    <div
      data-entity={`proxies/${proxy.id}`}
      data-status={shown.status}
      className={`min-w-0 scroll-mt-16 rounded-md ${isSelected ? 'outline-2 outline-accent' : ''}`}
    >
      <Panel id={`proxy-${proxy.id}`} title={proxy.id} note={<StatusMark {...shown} />}>
        <Facts proxy={proxy} model={model} />
        {proxy.backends.length === 0 && (
          <Empty>It has not told its backends yet. See on the Sources page what it answers.</Empty>
        )}
        <div className={`grid min-w-0 gap-3 ${isFresh ? '' : 'hatched'}`}>
          {proxy.backends.map((backend) => (
            <div key={backend.name} className="min-w-0">
              <h3 className="mt-2 text-text-2">
                <span className="font-semibold text-text">{backend.name}</span> →{' '}
                {servingServers(backend)
                  .map((server) => serverName(server, model))
                  .join(', ') || 'nobody'}
              </h3>
              <ServerTable {...{ proxy, backend, model, now, isFresh }} />
            </div>
          ))}
        </div>
      </Panel>
    </div>
  );
}

function Facts({ proxy, model }: { proxy: Proxy; model: Model }) {
  const series = useLive((live) => live.samples.series);
  const { process } = proxy;
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-[12px] text-text-2">
      <span>{proxy.host ?? 'host not known'}</span>
      {process === null ? (
        <span>version and connections: only its runtime socket tells (socket: in trellis.yaml)</span>
      ) : (
        <>
          <span>HAProxy {process.version}</span>
          <span>
            {process.connections ?? '–'} of {process.maxConnections ?? 'unlimited'} connections
          </span>
        </>
      )}
      <span>
        read <Age at={model.readings[proxy.own]?.at ?? null} suffix=" ago" />
      </span>
      <span className="inline-flex items-center gap-1.5">
        sessions
        <Sparkline
          values={series[seriesOf('proxies', proxy.id, 'sessions')] ?? []}
          label={`sessions to broker and results of ${proxy.id}, last 10 minutes`}
        />
      </span>
    </p>
  );
}
