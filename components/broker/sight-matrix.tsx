/** Who sees whom: what each node that is asked says of each node. */

import { Empty, Panel } from '#components/ui/panel.tsx';
import { ScrollRegion } from '#components/ui/scroll-region.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { shortNodeName } from '#lib/format/names.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { BrokerNode } from '#lib/model/rabbitmq.ts';
import { type Sight, sightOf } from '#lib/model/sight.ts';
import type { Shown } from '#lib/model/status.ts';

type Props = { model: Model; now: number };

const SAID: Readonly<Record<Sight['says'], Shown>> = {
  running: { status: 'ok', word: 'running' },
  down: { status: 'down', word: 'down' },
  unlisted: { status: 'degraded', word: 'does not list it' },
  silent: { status: 'stale', word: 'says nothing now' },
};

/** A row for each node that is asked, a column for each node. */
export function SightMatrix({ model, now }: Props) {
  const nodes = Object.values(model.brokerNodes).sort((a, b) => (a.id < b.id ? -1 : 1));
  const observers = nodes.filter((node) => node.own.length > 0);
  const disputed = nodes.filter((node) => observers.some((one) => sightOf(one, node, model, now).disputed));
  return (
    <Panel id="sight" title="Who sees whom" note="each node asked for itself">
      {observers.length === 0 ? (
        <Empty>No node is asked for itself. Give each its management address under rabbitmq: in trellis.yaml.</Empty>
      ) : (
        <>
          {disputed.length > 0 && (
            <p role="status" className="mb-1.5 font-semibold">
              <StatusMark
                status="degraded"
                word={`The nodes disagree about ${disputed.map((node) => shortNodeName(node.id, model)).join(', ')}.`}
              />
            </p>
          )}
          <ScrollRegion label="Who sees whom">
            <table className="text-left text-[12px]">
              <caption className="sr-only">what each node says of each node</caption>
              <thead className="text-text-3">
                <tr>
                  <Heading>says of</Heading>
                  {nodes.map((node) => (
                    <Heading key={node.id}>{shortNodeName(node.id, model)}</Heading>
                  ))}
                  <Heading>partitions</Heading>
                </tr>
              </thead>
              <tbody>
                {observers.map((observer) => (
                  <tr key={observer.id} data-observer={observer.id} className="border-t border-line">
                    <th scope="row" className="py-1 pr-4 font-semibold whitespace-nowrap">
                      {shortNodeName(observer.id, model)}
                    </th>
                    {nodes.map((target) => (
                      <SightCell key={target.id} target={target.id} sight={sightOf(observer, target, model, now)} />
                    ))}
                    <PartitionsCell observer={observer} model={model} now={now} />
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        </>
      )}
    </Panel>
  );
}

function Heading({ children }: { children: string }) {
  return (
    <th scope="col" className="py-1 pr-4 font-normal whitespace-nowrap">
      {children}
    </th>
  );
}

function SightCell({ target, sight }: { target: string; sight: Sight }) {
  return (
    <td
      data-target={target}
      data-says={sight.says}
      className={`py-1 pr-4 whitespace-nowrap ${sight.says === 'silent' ? 'hatched text-stale' : ''}`}
    >
      <StatusMark {...SAID[sight.says]} />
      {sight.last !== null && `, last said ${sight.last ? 'running' : 'down'}`}
      {sight.disputed && <b className="text-degraded"> ≠ others</b>}
    </td>
  );
}

function PartitionsCell({ observer, model, now }: Props & { observer: BrokerNode }) {
  const [claim] = observer.partitions;
  const cell = 'py-1 pr-4 whitespace-nowrap';
  if (claim === undefined) return <td className={`${cell} text-text-3`}>not told</td>;
  if (!isCurrent(model.readings[claim.by], now))
    return <td className={`${cell} hatched text-stale`}>says nothing now</td>;
  if (claim.value === '') return <td className={cell}>none</td>;
  const peers = claim.value.split(',').map((id) => shortNodeName(id, model));
  return (
    <td className={`${cell} font-semibold`}>
      <StatusMark status="degraded" word={`cut off from ${peers.join(', ')}`} />
    </td>
  );
}
