/** The copies of one queue, a box for each member. */
import { Tag } from '#components/ui/tag.tsx';
import { shortNodeName } from '#lib/format/names.ts';
import { formatCount } from '#lib/format/quantity.ts';
import { COPY_WORDS } from '#lib/format/queue.ts';
import type { Model } from '#lib/model/model.ts';
import { type CopyState, copyState } from '#lib/model/queues.ts';
import type { Replication } from '#lib/model/rabbitmq.ts';

const LOOK: Readonly<Record<CopyState, { box: string; words: string }>> = {
  'in-sync': { box: 'border-ok/60', words: 'text-ok' },
  behind: { box: 'border-dashed border-degraded/70 hatched', words: 'text-degraded' },
  untold: { box: 'border-dashed border-line', words: 'text-degraded' },
  'node-down': { box: 'border-dashed border-down/70 hatched', words: 'text-down' },
  'node-silent': { box: 'border-dashed border-line hatched', words: 'text-stale' },
};

type ReplicasProps = {
  replication: Replication;
  /** False when the list of copies is not fresh: then nothing of it is drawn as good. */
  fresh: boolean;
  model: Model;
  now: number;
};

/** Solid = in sync; dashed and hatched = not in sync, or its node does not run. The words say which. */
export function Replicas({ replication, fresh, model, now }: ReplicasProps) {
  return (
    <ul
      aria-label="Copies"
      className="grid min-w-0 grid-cols-[repeat(auto-fill,minmax(min(100%,10rem),1fr))] gap-2 text-[12px]"
    >
      {replication.members.map((member) => {
        const state = copyState(replication, member, model, now);
        const look = !fresh && state === 'in-sync' ? LOOK['node-silent'] : LOOK[state];
        return (
          <li
            key={member}
            data-member={member}
            data-copy={state}
            className={`min-w-0 rounded-md border-2 px-2 py-1.5 ${look.box}`}
          >
            <p className="flex flex-wrap items-baseline gap-x-1.5">
              <span className="min-w-0 truncate font-semibold" title={member}>
                {shortNodeName(member, model)}
              </span>
              {member === replication.leader && <Tag look={fresh ? 'lead' : 'plain'}>★ leader</Tag>}
            </p>
            <p className="truncate text-text-2">{model.brokerNodes[member]?.host ?? 'host not told'}</p>
            <p className={look.words}>
              {COPY_WORDS[state]}
              {!fresh && ', last known'}
            </p>
          </li>
        );
      })}
      {replication.wanted > replication.members.length && (
        <li data-copy="missing" className="min-w-0 rounded-md border-2 border-dashed border-degraded/70 px-2 py-1.5">
          <p className="font-semibold text-degraded">
            {formatCount(replication.wanted - replication.members.length, 'copy', 'copies')} missing
          </p>
          <p className="text-text-2">the policy asks for {replication.wanted}</p>
        </li>
      )}
    </ul>
  );
}
