/** What the drill is aimed at: everything that it could be, with its role now. */
import { Empty, Panel } from '#components/ui/panel.tsx';
import { Tag } from '#components/ui/tag.tsx';
import type { DrillTarget } from '#lib/contract/drills.ts';

export type TargetPanelProps = {
  targets: readonly DrillTarget[];
  chosen: DrillTarget | null;
  /** The link that led here pointed at something else. */
  isMissed: boolean;
  choose(id: string): void;
};

export function TargetPanel({ targets, chosen, isMissed, choose }: TargetPanelProps) {
  return (
    <Panel id="target" title="Target" note="with the role that it has now">
      {isMissed && (
        <p role="status" className="mb-1.5 text-[12px] text-degraded">
          What the link pointed at is no target of this drill now.
        </p>
      )}
      {chosen === null && targets.length > 0 && (
        <p role="status" className="mb-1.5 text-[12px] text-degraded">
          What was chosen is not there any more. Choose another target.
        </p>
      )}
      {targets.length === 0 ? (
        <Empty>Nothing is seen that this drill could be aimed at. See on the Sources page what does not answer.</Empty>
      ) : (
        <fieldset className="grid gap-1 sm:grid-cols-2 xl:grid-cols-3">
          <legend className="sr-only">Target</legend>
          {targets.map(({ id, name, role, host }) => (
            <label
              key={id}
              data-target={id}
              className="flex min-w-0 cursor-pointer flex-wrap items-baseline gap-x-2 rounded-md border border-line px-2.5 py-1.5 has-checked:border-accent has-checked:bg-raised"
            >
              <input
                type="radio"
                name="target"
                checked={id === chosen?.id}
                onChange={() => choose(id)}
                className="self-center"
              />
              <b className="min-w-0 truncate font-semibold" title={id}>
                {name}
              </b>
              {role !== '' && (
                <span className="min-w-0 [&>*]:inline-block [&>*]:whitespace-normal">
                  <Tag look={/master|leads|holds|leader|serves/.test(role) ? 'lead' : 'plain'}>{role}</Tag>
                </span>
              )}
              {host !== null && <span className="ml-auto text-[11px] whitespace-nowrap text-text-3">{host}</span>}
            </label>
          ))}
        </fieldset>
      )}
    </Panel>
  );
}
