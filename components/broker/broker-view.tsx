'use client';
/** The broker page: nodes, rates, queues with their copies, and what the nodes say of each other. */
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panel, Panels } from '#components/ui/panel.tsx';
import { shortNodeName } from '#lib/format/names.ts';
import type { Model } from '#lib/model/model.ts';
import { NodesPanel } from './nodes-panel.tsx';
import { QueueDetail } from './queue-detail.tsx';
import { QueuesPanel } from './queues-panel.tsx';
import { RatesPanel } from './rates-panel.tsx';
import { SightMatrix } from './sight-matrix.tsx';
import { useSame } from './use-same.ts';

/** The page of the layer that carries the tasks. */
export function BrokerView() {
  return (
    <LivePage title="Broker" about="RabbitMQ: which nodes run, who leads each queue, which copies could take over.">
      {(model, now) => <BrokerPanels model={model} now={now} />}
    </LivePage>
  );
}

function BrokerPanels({ model, now }: { model: Model; now: number }) {
  const names = useSame(Object.keys(model.brokerNodes).map((id) => [id, shortNodeName(id, model)] as const));
  if (names.length === 0) {
    return (
      <Panel id="nodes" title="Nodes">
        <Empty>
          No broker is configured. Name the nodes of the cluster under <code>rabbitmq:</code> in trellis.yaml.
        </Empty>
      </Panel>
    );
  }
  return (
    <Panels>
      <NodesPanel model={model} now={now} />
      <QueuesPanel model={model} now={now} names={names} />
      <QueueDetail model={model} now={now} />
      <SightMatrix model={model} now={now} />
      <RatesPanel model={model} now={now} />
    </Panels>
  );
}
