/** What was wrong before, what came meanwhile, and what was left at the end. */
import Link from 'next/link';
import { SeverityMark } from '#components/live/severity-mark.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { Tag } from '#components/ui/tag.tsx';
import type { FindingLine, RunAnswer } from '#lib/contract/drills.ts';
import { entityRoute } from '#lib/routes.ts';

const PARTS = [
  ['before', 'Before'],
  ['during', 'New meanwhile'],
  ['after', 'At the end'],
] as const;

export function FindingsPanel({ answer: { findings, changed } }: { answer: Pick<RunAnswer, 'findings' | 'changed'> }) {
  return (
    <Panel id="run-findings" title="Findings and what is another way now">
      <div className="grid min-w-0 gap-3 md:grid-cols-2 xl:grid-cols-4">
        {PARTS.map(([part, title]) => (
          <section key={part} aria-label={title} data-findings={part} className="min-w-0">
            <h3 className="text-[12px] font-semibold text-text-2">{title}</h3>
            <Findings findings={findings[part]} />
          </section>
        ))}
        <section aria-label="Another way than before" className="min-w-0">
          <h3 className="text-[12px] font-semibold text-text-2">Another way than before</h3>
          <ul className="grid gap-0.5 text-[12px]">
            {(changed.length > 0 ? changed : ['nothing']).map((text) => (
              <li key={text} className="break-words">
                {text}
              </li>
            ))}
          </ul>
        </section>
      </div>
    </Panel>
  );
}

function Findings({ findings }: { findings: readonly FindingLine[] }) {
  if (findings.length === 0) return <p className="text-[12px]">none</p>;
  return (
    <ul className="grid gap-0.5 text-[12px]">
      {findings.map(({ id, severity, text, caused }) => (
        <li key={id} className="min-w-0">
          {/* As it was then: whether it still holds is on its own page. */}
          <SeverityMark finding={{ severity, lastSeen: null }} />{' '}
          <Link href={entityRoute('findings', id)} className="break-words hover:underline">
            {text}
          </Link>
          {caused === true && (
            <span data-caused className="ml-1">
              <Tag>caused by the drill</Tag>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
