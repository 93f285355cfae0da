/** What was promised beside what was measured, and why the verdict is as it is. */
import { Panel } from '#components/ui/panel.tsx';
import { ScrollRegion } from '#components/ui/scroll-region.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import type { OwnTasks } from '#lib/contract/drills.ts';
import { isUnderWay, VERDICT_MEANS, winnerText } from '#lib/format/drill.ts';
import { PROMISE_SHOWN, verdictRows } from '#lib/format/drill-report.ts';
import type { Hypothesis, Run } from '#lib/model/drill.ts';

export type VerdictPanelProps = {
  run: Run;
  hypothesis: Hypothesis;
  /** Of the report; the first is the verdict. */
  sentences: readonly string[];
  /** null = not told, or not yet. */
  ownTasks: OwnTasks | null;
  now: number;
};

export function VerdictPanel({ run, hypothesis, sentences, ownTasks, now }: VerdictPanelProps) {
  const rows = verdictRows(hypothesis, run, now, ownTasks);
  return (
    <Panel
      id="verdict"
      title="Promised and measured"
      note={hypothesis.winner === '' ? undefined : winnerText(hypothesis.winner)}
    >
      {run.verdict !== null && !isUnderWay(run) && <VerdictText run={run} sentences={sentences} />}
      <ScrollRegion label="Promised and measured">
        <table className="w-full text-left text-[12px]">
          <caption className="sr-only">what was promised, what was measured, and whether it was kept</caption>
          <thead className="text-text-3">
            <tr>
              {['What', 'Promised', 'Measured', 'Kept'].map((title) => (
                <th key={title} scope="col" className="py-1 pr-4 font-normal">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ id, what, promised, measured, state }) => (
              <tr key={id} data-promise={id} data-state={state} className="border-t border-line align-top">
                <th scope="row" className="py-1 pr-4 font-normal text-text-2">
                  {what}
                </th>
                <td className="py-1 pr-4">{promised}</td>
                <td className={`py-1 pr-4 font-semibold ${state === 'broken' ? 'text-down' : ''}`}>{measured}</td>
                <td className="py-1">
                  <StatusMark {...PROMISE_SHOWN[state]} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {hypothesis.because !== null && <p className="mt-1 text-[12px] text-text-2">{hypothesis.because}</p>}
    </Panel>
  );
}

function VerdictText({ run: { verdict, because }, sentences }: Pick<VerdictPanelProps, 'run' | 'sentences'>) {
  const [first = VERDICT_MEANS[verdict ?? 'unknown'], ...more] = sentences;
  // The report may not have been asked for again yet.
  const rest = sentences.length > 0 ? more : because;
  return (
    <div data-verdict-text className="mb-2 text-[14px]">
      <p className="font-semibold break-words">{first}</p>
      {rest.length > 0 && (
        <ul className="mt-0.5 grid gap-0.5 text-[13px] text-text-2">
          {rest.map((sentence) => (
            <li key={sentence} className="break-words">
              {sentence}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
