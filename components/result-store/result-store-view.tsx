'use client';
/** The result store page: each Redis service, each Sentinel's opinion of it, and what the Sentinels published. */
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panels } from '#components/ui/panel.tsx';
import { useSelected } from '#components/ui/use-selected.ts';
import type { Model } from '#lib/model/model.ts';
import { OpinionPanel } from './opinion-panel.tsx';
import { SentinelEventsPanel } from './sentinel-events-panel.tsx';
import { ServicePanel } from './service-panel.tsx';

/** The page. */
export function ResultStoreView() {
  return (
    <LivePage
      title="Result store"
      about="Where task results are kept: Redis, and the Sentinels that choose its master."
    >
      {(model, now) => <Services model={model} now={now} />}
    </LivePage>
  );
}

function Services({ model, now }: { model: Model; now: number }) {
  const [selected] = useSelected();
  const services = Object.values(model.redisServices);
  if (services.length === 0) {
    return <Empty>No Redis service is watched. Name one and its Sentinels under redis: in trellis.yaml.</Empty>;
  }
  return (
    <Panels>
      {services.map((service) => (
        <div key={service.id} className="grid min-w-0 gap-3">
          <ServicePanel service={service} model={model} now={now} selected={selected} />
          <OpinionPanel service={service} model={model} now={now} selected={selected} />
        </div>
      ))}
      <SentinelEventsPanel model={model} />
    </Panels>
  );
}
