/** The account of the canaries: what became of each, as a bar and in numbers. */
import { Empty, Panel } from '#components/ui/panel.tsx';
import { isUnderWay, type LedgerPart, ledgerParts } from '#lib/format/drill.ts';
import { formatTotal } from '#lib/format/task.ts';
import type { LedgerCount, Run } from '#lib/model/drill.ts';

const FILL: Readonly<Record<LedgerPart['id'], string>> = {
  good: 'bg-ok/60',
  delayed: 'bg-degraded/60',
  repeated: 'bg-maintenance',
  resultsLost: 'bg-degraded',
  lost: 'bg-down',
  unconfirmed: 'bg-text-3',
  open: 'hatched border border-line',
  published: '',
  confirmed: '',
  executed: '',
};

export function LedgerPanel({ run }: { run: Run }) {
  const { ledger } = run;
  return (
    <Panel id="ledger" title="Ledger" note="canary tasks through the applications' own entrances">
      {ledger.published === 0 ? (
        <Empty>
          {isUnderWay(run)
            ? 'No canary has been published yet.'
            : 'No canary was published: nothing was measured. Name the applications’ entrances: in trellis.yaml.'}
        </Empty>
      ) : (
        <>
          <LedgerBar ledger={ledger} />
          <Figures ledger={ledger} isOpen={isUnderWay(run) || ledger.open > 0} />
        </>
      )}
    </Panel>
  );
}

function LedgerBar({ ledger }: { ledger: LedgerCount }) {
  const parts = ledgerParts(ledger);
  return (
    <>
      <div aria-hidden className="flex h-3.5 gap-px overflow-hidden rounded-sm">
        {parts.map(({ id, count, word }) => (
          // What went wrong is seen, however little of all it is.
          <span
            key={id}
            title={`${formatTotal(count)} ${word}`}
            className={`min-w-1 ${FILL[id]}`}
            style={{ flexGrow: count }}
          />
        ))}
      </div>
      <ul className="mt-1 flex flex-wrap gap-x-3 text-[11px] text-text-2">
        {parts.map(({ id, count, word }) => (
          <li key={id} className="inline-flex items-center gap-1">
            <span aria-hidden className={`size-2 rounded-[2px] ${FILL[id]}`} />
            {formatTotal(count)} {word}
          </li>
        ))}
      </ul>
    </>
  );
}

/** What is good at none is green once all is judged. */
function Figures({ ledger, isOpen }: { ledger: LedgerCount; isOpen: boolean }) {
  const { published, confirmed, executed, lost, repeated, resultsLost, open, delayed } = ledger;
  const wrong = (count: number) => (count > 0 ? 'text-down' : isOpen ? '' : 'text-ok');
  return (
    <dl className="mt-2 flex flex-wrap gap-x-8 gap-y-2">
      <Figure
        id="published"
        count={published}
        word={confirmed === published ? 'published, all confirmed' : `published, ${formatTotal(confirmed)} confirmed`}
      />
      <Figure id="executed" count={executed} word="executed" />
      <Figure id="lost" count={lost} word="lost" look={wrong(lost)} />
      <Figure
        id="repeated"
        count={repeated}
        word="run more than once"
        look={repeated > 0 ? 'text-maintenance' : wrong(0)}
      />
      <Figure id="resultsLost" count={resultsLost} word="results lost" look={wrong(resultsLost)} />
      <Figure id="delayed" count={delayed} word="took over a second" look={delayed > 0 ? 'text-degraded' : ''} />
      <Figure id="open" count={open} word="open" look={open > 0 ? 'text-degraded' : ''} />
    </dl>
  );
}

function Figure({ id, count, word, look = '' }: { id: keyof LedgerCount; count: number; word: string; look?: string }) {
  return (
    <div data-ledger={id} data-count={count} className="flex flex-col-reverse">
      <dt className="text-[11px] text-text-2">{word}</dt>
      <dd className={`text-[22px] leading-7 font-semibold ${look}`}>{formatTotal(count)}</dd>
    </div>
  );
}
