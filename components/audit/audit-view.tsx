'use client';
/** The audit page: every write, before and after it happened, and whether anybody changed what was written. */
import { Check, Download, X } from 'lucide-react';
import { Answers } from '#components/ui/answers.tsx';
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
import { Age } from '#components/ui/time.tsx';
import type { ChainState } from '#lib/contract/audit.ts';
import { AUDIT_EXPORT_FORMATS, describeChain, pairWrites } from '#lib/format/audit.ts';
import { routes } from '#lib/routes.ts';
import { AuditTable } from './audit-table.tsx';
import { auditSearch, isFiltered, useAuditFilter, type WriteFilter } from './filter.ts';
import { FilterBar } from './filter-bar.tsx';
import { useAudit } from './use-audit.ts';

export function AuditView() {
  return (
    <Answers>
      <LivePage title="Audit" about="every write: who, what, why, and what became of it">
        {(_, now) => <AuditPage now={now} />}
      </LivePage>
    </Answers>
  );
}

function AuditPage({ now }: { now: number }) {
  const [filter] = useAuditFilter();
  const { query, entries, chain } = useAudit(filter);
  const writes = pairWrites(entries);
  return (
    <Panel
      id="writes"
      title="Writes"
      note={chain === null ? 'newest first' : <Chain chain={chain} />}
      actions={<Export filter={filter} />}
    >
      <FilterBar now={now} />
      {query.isError && (
        <p role="alert" className="mt-2 text-down">
          The audit cannot be read: {query.error.message}. Until it can, Trellis refuses every write.{' '}
          <button type="button" className="underline" onClick={() => void query.refetch()}>
            Try again
          </button>
        </p>
      )}
      <div className="mt-2 min-h-[50vh]">
        {query.isPending && (
          <p aria-busy className="p-4 text-center text-text-3">
            Reading the audit…
          </p>
        )}
        {query.isSuccess && writes.length === 0 && (
          <Empty>{isFiltered(filter) ? 'No write that the filter lets through.' : 'Nothing was written yet.'}</Empty>
        )}
        {writes.length > 0 && <AuditTable writes={writes} />}
        {query.hasNextPage && (
          <button
            type="button"
            disabled={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
            className="mt-2 rounded-sm border border-line bg-raised px-3 py-1"
          >
            {query.isFetchingNextPage ? 'Reading…' : 'Older writes'}
          </button>
        )}
      </div>
    </Panel>
  );
}

function Chain({ chain }: { chain: ChainState }) {
  const isWhole = chain.problems.length === 0;
  const Shape = isWhole ? Check : X;
  return (
    <span
      {...(isWhole ? {} : { role: 'alert' })}
      data-chain={isWhole ? 'whole' : 'broken'}
      className={`inline-flex flex-wrap items-baseline gap-1 ${isWhole ? 'text-text-2' : 'text-down'}`}
    >
      <Shape aria-hidden size={13} strokeWidth={2.5} className={`self-center ${isWhole ? 'text-ok' : ''}`} />
      {describeChain(chain)} <Age at={chain.checkedAt} suffix=" ago" />
    </span>
  );
}

function Export({ filter }: { filter: WriteFilter }) {
  return AUDIT_EXPORT_FORMATS.map((format) => {
    const search = auditSearch(filter);
    search.set('format', format);
    return (
      <a
        key={format}
        href={`${routes.api.auditExport}?${search}`}
        download
        className="inline-flex h-7 items-center gap-1 rounded-sm border border-line px-1.5 text-text-2 hover:bg-raised"
      >
        <Download aria-hidden size={11} /> {format.toUpperCase()}
      </a>
    );
  });
}
