'use client';
/** The findings page: what is wrong, with what follows from it, who says so and what mends it; and what will hurt later. */
import { Answers } from '#components/ui/answers.tsx';
import { ExportButtons } from '#components/ui/export-buttons.tsx';
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
import { useSelected } from '#components/ui/use-selected.ts';
import { acknowledgementOf, findingGroups, isShown } from '#lib/format/finding.ts';
import { formatCount } from '#lib/format/quantity.ts';
import type { Finding } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import { problemsOf } from '#lib/model/problems.ts';
import type { Tab } from './filter.ts';
import { useFindingFilter } from './filter.ts';
import { FilterBar } from './filter-bar.tsx';
import { FindingRow } from './finding-row.tsx';

export function FindingsView() {
  return (
    <Answers>
      <LivePage title="Findings" about="what is wrong or will hurt later, who says so, and what mends it">
        {(model, now) => <FindingsPage model={model} now={now} />}
      </LivePage>
    </Answers>
  );
}

type Props = { model: Model; now: number };

function FindingsPage({ model, now }: Props) {
  const [filter] = useFindingFilter();
  const [selected] = useSelected();
  const groups = findingGroups(model.findings);
  const ofTab = (tab: Tab) => groups.filter(({ root }) => root.posture === (tab === 'posture'));
  const linked = groups.find(({ root, consequences }) => [root, ...consequences].some(({ id }) => id === selected?.id));
  const tab = filter.tab ?? (linked?.root.posture ? 'posture' : 'now');
  const shown = ofTab(tab).filter((group) => isShown(group, filter));
  // What somebody is on comes last.
  const [known, open] = [true, false].map((isKnown) =>
    shown.filter(({ root }) => (acknowledgementOf(root, now) !== null) === isKnown),
  );
  const rows = [...(open ?? []), ...(known ?? [])];
  const exported = rows.flatMap(({ root, consequences }) => [root, ...consequences]);
  return (
    <Panel
      id="findings"
      title={tab === 'now' ? 'What is wrong now' : 'What will hurt later'}
      note="the gravest first"
      actions={<ExportButtons name={tab === 'now' ? 'findings' : 'posture'} columns={COLUMNS} rows={exported} />}
    >
      <FilterBar tab={tab} counts={{ now: ofTab('now').length, posture: ofTab('posture').length }} />
      {selected?.kind === 'findings' && linked === undefined && (
        <p role="status" className="mt-2 text-[12px] text-text-2">
          The finding of this link is over: what it was about is well again, or was never seen by this Trellis.
        </p>
      )}
      {rows.length === 0 ? (
        <div className="mt-2">
          <Empty>
            {ofTab(tab).length > 0 ? (
              'No finding passes the filter.'
            ) : (
              <NothingFound tab={tab} model={model} now={now} />
            )}
          </Empty>
        </div>
      ) : (
        <ul className="mt-2">
          {rows.map(({ root, consequences }) => (
            <li key={root.id} className="border-t border-line py-1">
              <FindingRow finding={root} model={model} now={now} />
              {consequences.length > 0 && (
                <div className="mt-1 ml-3 border-l border-line pl-3">
                  <p className="text-[11px] text-text-3">{formatCount(consequences.length, 'consequence')}</p>
                  <ul>
                    {consequences.map((one) => (
                      <li key={one.id} className="py-0.5">
                        <FindingRow finding={one} model={model} now={now} />
                      </li>
                    ))}
                  </ul>
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function NothingFound({ tab, model, now }: Props & { tab: Tab }) {
  if (tab === 'posture') return 'No setting that will hurt later was found in what Trellis may read.';
  const silent = problemsOf(model, now).filter(({ shown }) => shown.status === 'stale' || shown.status === 'unknown');
  if (silent.length === 0) return 'Nothing wrong was found.';
  return `Nothing wrong was found, but Trellis does not see all: ${formatCount(silent.length, 'part')} cannot be told.`;
}

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

const COLUMNS = [
  { id: 'severity', value: ({ severity }: Finding) => severity },
  { id: 'code', value: ({ code }: Finding) => code },
  { id: 'subject', value: ({ subject }: Finding) => `${subject.kind}/${subject.id}` },
  { id: 'host', value: ({ host }: Finding) => host },
  { id: 'text', value: ({ text }: Finding) => text },
  { id: 'advice', value: ({ advice }: Finding) => advice.text },
  { id: 'command', value: ({ advice }: Finding) => advice.command },
  { id: 'since', value: ({ since }: Finding) => iso(since) },
  { id: 'lastSeen', value: ({ lastSeen }: Finding) => iso(lastSeen) },
  { id: 'root', value: ({ root }: Finding) => root },
  { id: 'acknowledgedBy', value: ({ acknowledged }: Finding) => acknowledged?.by ?? null },
  { id: 'acknowledgedUntil', value: ({ acknowledged }: Finding) => iso(acknowledged?.until ?? null) },
  { id: 'drill', value: ({ drill }: Finding) => drill ?? null },
  { id: 'evidence', value: ({ evidence }: Finding) => evidence.map(({ by, says }) => `${by}: ${says}`).join('; ') },
];
