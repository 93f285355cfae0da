'use client';
/** The rows of the list, those that share a generic name under one line; only those in view in the document. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp, ChevronDown, ChevronRight } from 'lucide-react';
import { memo, type ReactNode, useRef } from 'react';
import { ScrollRegion } from '#components/ui/scroll-region.tsx';
import { describeStates, type WorkerRow } from '#lib/format/worker.ts';
import { equal } from '#lib/model/equal.ts';
import type { TableEntry } from './table-entries.ts';
import { WORKER_COLUMNS, type WorkerColumn } from './worker-columns.tsx';

const ROW_PX = 32;
/** Fewer rows than this are all in the document: the browser's own search finds them. */
const VIRTUAL_FROM = 100;
const VIEW_PX = 640;

export type WorkerTableProps = {
  entries: readonly TableEntry[];
  /** Short names of broker nodes. */
  nameOf: (brokerNode: string) => string;
  /** The column; `-` in front = descending. */
  sort: string;
  onSort(sort: string): void;
  onToggle(group: string): void;
  /** The worker that a link names. */
  selected: { kind: string; id: string } | null;
};

export function WorkerTable({ entries, nameOf, sort, onSort, onToggle, selected }: WorkerTableProps) {
  const scroller = useRef<HTMLElement>(null);
  const isVirtual = entries.length >= VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: isVirtual ? entries.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const items = virtualizer.getVirtualItems();
  const visible = isVirtual ? items.map(({ index }) => index) : entries.map((_, index) => index);
  const after = isVirtual ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  return (
    <ScrollRegion ref={scroller} label="workers" style={isVirtual ? { maxHeight: VIEW_PX } : undefined}>
      <table
        className="w-full min-w-[26rem] table-fixed text-left text-[12px] md:min-w-[110rem]"
        aria-rowcount={entries.length + 1}
      >
        <caption className="sr-only">Workers</caption>
        <thead className="sticky top-0 z-10 bg-panel text-text-3">
          <tr>
            {WORKER_COLUMNS.map((column) => (
              <Heading key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={items[0]?.start ?? 0} />
          {visible.map((index) => {
            const entry = entries[index];
            if (entry === undefined) return null;
            return entry.kind === 'group' ? (
              <GroupRow key={`group ${entry.name}`} {...entry} index={index} onToggle={onToggle} />
            ) : (
              <Row
                key={entry.row.id}
                row={entry.row}
                isMember={entry.isMember}
                index={index}
                nameOf={nameOf}
                entity={selected?.id === entry.row.id ? `${selected.kind}/${selected.id}` : null}
              />
            );
          })}
          <Spacer height={after} />
        </tbody>
      </table>
    </ScrollRegion>
  );
}

type RowProps = {
  row: WorkerRow;
  isMember: boolean;
  index: number;
  nameOf: (brokerNode: string) => string;
  /** As a link selected it; null = it is not. */
  entity: string | null;
};

/** Rows are made anew with every tick of the clock: only what changed is drawn. */
const Row = memo(
  function Row({ row, isMember, index, nameOf, entity }: RowProps) {
    return (
      <tr
        data-worker={row.id}
        data-state={row.state}
        data-status={row.shown.status}
        data-contradiction={row.contradiction === null ? 'no' : 'yes'}
        data-row={row.id}
        data-entity={entity ?? `celeryWorkers/${row.id}`}
        aria-rowindex={index + 2}
        aria-current={entity !== null || undefined}
        style={{ height: ROW_PX }}
        className="border-t border-line hover:bg-raised aria-current:bg-raised"
      >
        {WORKER_COLUMNS.map((column, at) => (
          <Cell key={column.id} column={column} isName={at === 0} indent={isMember}>
            {column.cell?.(row, nameOf) ?? column.value(row) ?? <span className="text-text-3">–</span>}
          </Cell>
        ))}
      </tr>
    );
  },
  (a, b) =>
    a.index === b.index &&
    a.isMember === b.isMember &&
    a.entity === b.entity &&
    a.nameOf === b.nameOf &&
    equal(a.row, b.row),
);

type GroupRowProps = Extract<TableEntry, { kind: 'group' }> & { index: number; onToggle(group: string): void };

function GroupRow({ name, rows, isOpen, index, onToggle }: GroupRowProps) {
  const Arrow = isOpen ? ChevronDown : ChevronRight;
  return (
    <tr
      data-group={name}
      aria-rowindex={index + 2}
      style={{ height: ROW_PX }}
      className="border-t border-line bg-raised/50"
    >
      {WORKER_COLUMNS.map((column, at) => (
        <Cell key={column.id} column={column} isName={at === 0}>
          {at === 0 ? (
            <button
              type="button"
              aria-expanded={isOpen}
              title={name}
              onClick={() => onToggle(name)}
              className="inline-flex max-w-full items-center gap-1 font-mono hover:underline"
            >
              <Arrow aria-hidden size={12} className="shrink-0" />
              <span className="truncate">{name}</span>
            </button>
          ) : column.id === 'state' ? (
            <span title={describeStates(rows)}>{describeStates(rows)}</span>
          ) : (
            column.sum?.(rows)
          )}
        </Cell>
      ))}
    </tr>
  );
}

type CellProps = { column: WorkerColumn; isName: boolean; indent?: boolean; children: ReactNode };

function Cell({ column, isName, indent = false, children }: CellProps) {
  const className = `truncate py-1 pr-3 ${indent && isName ? 'pl-4' : ''} ${sideOf(column)}`;
  return isName ? (
    <th scope="row" className={`${className} font-normal`}>
      {children}
    </th>
  ) : (
    <td className={className}>{children}</td>
  );
}

function Heading({ column, sort, onSort }: { column: WorkerColumn } & Pick<WorkerTableProps, 'sort' | 'onSort'>) {
  const { id, title, hint, width } = column;
  const direction = sort === id ? 'ascending' : sort === `-${id}` ? 'descending' : 'none';
  const Arrow = direction === 'descending' ? ArrowDown : ArrowUp;
  if (column.isAsked)
    return (
      <th
        scope="col"
        title={hint}
        style={{ width }}
        className={`py-1 pr-3 font-normal whitespace-nowrap ${sideOf(column)}`}
      >
        {title}
      </th>
    );
  return (
    <th
      scope="col"
      aria-sort={direction}
      style={{ width }}
      className={`py-1 pr-3 font-normal whitespace-nowrap ${sideOf(column)}`}
    >
      <button
        type="button"
        title={hint}
        onClick={() => onSort(sort === id ? `-${id}` : id)}
        className="inline-flex items-center gap-1 hover:text-text"
      >
        {title}
        {direction !== 'none' && <Arrow aria-hidden size={11} />}
      </button>
    </th>
  );
}

function sideOf({ align, wide }: WorkerColumn): string {
  return `${align === 'right' ? 'text-right' : ''} ${wide ? 'max-md:hidden' : ''}`;
}

function Spacer({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={WORKER_COLUMNS.length} style={{ height, padding: 0 }} />
    </tr>
  );
}
