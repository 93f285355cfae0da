'use client';
/** The nodes of the cluster. */
import { Empty, Panel } from '#components/ui/panel.tsx';
import { useSelected } from '#components/ui/use-selected.ts';
import { formatCount } from '#lib/format/quantity.ts';
import type { Model } from '#lib/model/model.ts';
import { taskQueues } from '#lib/model/queues.ts';
import { NodeCard } from './node-card.tsx';

/** A card for each node, always in the order of their ids. */
export function NodesPanel({ model, now }: { model: Model; now: number }) {
  const [selected] = useSelected();
  const { ledBy } = taskQueues(model.queues);
  const nodes = Object.values(model.brokerNodes).sort((a, b) => (a.id < b.id ? -1 : 1));
  const selectedId = selected?.kind === 'brokerNodes' ? selected.id : null;
  return (
    <Panel id="nodes" title="Nodes" note={formatCount(nodes.length, 'node')}>
      <div className="grid gap-2">
        {selectedId !== null && !Object.hasOwn(model.brokerNodes, selectedId) && (
          <Empty>
            There is no broker node <span className="font-mono break-all">{selectedId}</span>: it left the cluster, or
            the link is wrong.
          </Empty>
        )}
        <ul className="grid min-w-0 gap-2 md:grid-cols-2 xl:grid-cols-3">
          {nodes.map((node) => (
            <NodeCard
              key={node.id}
              node={node}
              led={ledBy.get(node.id) ?? 0}
              isSelected={node.id === selectedId}
              model={model}
              now={now}
            />
          ))}
        </ul>
      </div>
    </Panel>
  );
}
