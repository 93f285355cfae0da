'use client';
/** Every table of records: sorting and filter in the URL, export, and only the rows in view in the document. */
import {
  columnFilteringFeature,
  createFilteredRowModel,
  createSortedRowModel,
  globalFilteringFeature,
  rowSortingFeature,
  type SortingState,
  sortFn_alphanumeric,
  sortFn_basic,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { parseAsString, useQueryStates } from 'nuqs';
import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import { ExportButtons, ExportSign } from './export-buttons.tsx';
import { Empty } from './panel.tsx';
import { ScrollRegion } from './scroll-region.tsx';

/** One column. `value` is what is sorted, filtered and exported; `cell` is how it looks, the value itself unless given. */
export type Column<T> = {
  id: string;
  title: string;
  value(row: T): string | number | null;
  cell?(row: T): ReactNode;
  align?: 'right';
  /** Given for every column of a table, they fix its layout: sibling tables then have the same columns. */
  width?: string;
  /** Left out on narrow screens; the export has it all the same. */
  wide?: boolean;
};

export type DataTableProps<T extends object> = {
  /** Prefix of its parameters in the URL, and the name of exported files. */
  name: string;
  /** What a row is, for the count and the caption: `queue`, `queues`. */
  one: string;
  many: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowId(row: T): string;
  /** More attributes of a row: `data-…`, for tests and style. */
  rowData?(row: T): Readonly<Record<`data-${string}`, string>>;
  /** The row that the page shows in detail. */
  selected?: string | null;
  onSelect?(id: string): void;
  /** What to say when there is no row at all. */
  empty: ReactNode;
  /** Column sorted by at first; `-` in front = descending. */
  sort?: string;
  /** A table of few rows needs no tools around it; its export is a sign in the corner. */
  bare?: boolean;
};

const ROW_PX = 32;
/** Fewer rows than this are all in the document: the browser's own search finds them. */
const VIRTUAL_FROM = 100;
const VIEW_PX = 640;

/** TanStack's way of saying: sort by any one column, filter by a text in any column. */
const features = tableFeatures({
  rowSortingFeature,
  columnFilteringFeature,
  globalFilteringFeature,
  sortedRowModel: createSortedRowModel(),
  filteredRowModel: createFilteredRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric, basic: sortFn_basic },
  filterFns: {
    contains: (row, columnId, text: string) =>
      String(row.getValue(columnId) ?? '')
        .toLowerCase()
        .includes(text),
  },
});

/** A table of `rows`. */
export function DataTable<T extends object>(props: DataTableProps<T>) {
  const { name, rows, columns, rowId, empty, one, many, bare = false } = props;
  const [{ sort, filter }, setUrl] = useQueryStates(
    { sort: parseAsString.withDefault(props.sort ?? ''), filter: parseAsString.withDefault('') },
    { urlKeys: { sort: `${name}.sort`, filter: `${name}.filter` } },
  );
  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        accessorFn: (row: T) => column.value(row) ?? undefined,
        sortFn: column.align === 'right' ? ('basic' as const) : ('alphanumeric' as const),
        sortUndefined: 'last' as const,
      })),
    [columns],
  );
  const sorting: SortingState = useMemo(
    () => (sort === '' ? [] : [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }]),
    [sort],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: rows as T[],
    getRowId: rowId,
    state: { sorting, globalFilter: filter.trim().toLowerCase() },
    globalFilterFn: 'contains',
    getColumnCanGlobalFilter: () => true,
  });
  const shown = table.getRowModel().rows;

  if (rows.length === 0) return <Empty>{empty}</Empty>;
  const sortBy = (id: string) => void setUrl({ sort: sort === id ? `-${id}` : sort === `-${id}` ? null : id });
  return (
    <div className={`grid min-w-0 gap-1.5 ${bare ? 'relative [&_tr>:last-child]:pr-7' : ''}`}>
      {!bare && (
        <div className="flex flex-wrap items-center gap-2 text-[12px]">
          <input
            type="search"
            aria-label={`Filter ${many}`}
            placeholder={`Filter ${many}`}
            data-hotkey="/"
            value={filter}
            onChange={(event) => void setUrl({ filter: event.target.value === '' ? null : event.target.value })}
            className="h-7 min-w-0 flex-1 rounded-sm border border-line bg-canvas px-2 sm:max-w-64"
          />
          <span className="text-text-3">
            {shown.length === rows.length ? rows.length : `${shown.length} of ${rows.length}`}{' '}
            {rows.length === 1 ? one : many}
          </span>
          <ExportButtons name={name} columns={columns} rows={shown.map((row) => row.original)} />
        </div>
      )}
      {shown.length === 0 ? (
        <Empty>
          No {one} contains “{filter}”.{' '}
          <button type="button" className="underline" onClick={() => void setUrl({ filter: null })}>
            Show all
          </button>
        </Empty>
      ) : (
        <Rows {...props} shown={shown.map((row) => row.original)} sort={sort} sortBy={bare ? null : sortBy} />
      )}
      {bare && (
        <span className="absolute top-0 right-0 z-10">
          <ExportSign what={many} name={name} columns={columns} rows={rows} />
        </span>
      )}
    </div>
  );
}

type RowsProps<T extends object> = Omit<DataTableProps<T>, 'sort'> & {
  shown: readonly T[];
  sort: string;
  sortBy: ((id: string) => void) | null;
};

function Rows<T extends object>({
  shown,
  columns,
  rowId,
  rowData,
  selected,
  onSelect,
  many,
  sort,
  sortBy,
}: RowsProps<T>) {
  const scroller = useRef<HTMLElement>(null);
  const isVirtual = shown.length >= VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: isVirtual ? shown.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const selectedIndex = isVirtual && selected != null ? shown.findIndex((row) => rowId(row) === selected) : -1;
  useEffect(() => {
    // A link to one of ten thousand rows must show it.
    if (selectedIndex >= 0) virtualizer.scrollToIndex(selectedIndex, { align: 'auto' });
  }, [selectedIndex, virtualizer]);
  const isFixed = columns.every(({ width }) => width !== undefined);
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.start ?? 0;
  const after = isVirtual ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  const visible = isVirtual ? items.map((item) => item.index) : shown.map((_, index) => index);
  return (
    <ScrollRegion ref={scroller} label={many} style={isVirtual ? { maxHeight: VIEW_PX } : undefined}>
      <table
        className={`w-full text-left text-[12px] ${isFixed ? 'table-fixed' : ''}`}
        aria-rowcount={shown.length + 1}
      >
        <caption className="sr-only">{many}</caption>
        <thead className="sticky top-0 z-10 bg-panel text-text-3">
          <tr>
            {columns.map((column) => (
              <Heading key={column.id} column={column} sort={sort} sortBy={sortBy} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={first} columns={columns.length} />
          {visible.map((index) => {
            const row = shown[index] as T;
            const id = rowId(row);
            return (
              <tr
                key={id}
                {...rowData?.(row)}
                data-row={id}
                aria-rowindex={index + 2}
                aria-current={selected === id || undefined}
                style={{ height: ROW_PX }}
                className="border-t border-line aria-current:bg-raised data-[fresh=no]:text-stale data-[fresh=no]:hatched"
              >
                {columns.map((column, at) => (
                  <Cell
                    key={column.id}
                    column={column}
                    row={row}
                    isName={at === 0}
                    onOpen={onSelect && (() => onSelect(id))}
                  />
                ))}
              </tr>
            );
          })}
          <Spacer height={after} columns={columns.length} />
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function Heading<T extends object>({
  column,
  sort,
  sortBy,
}: {
  column: Column<T>;
  sort: string;
  sortBy: RowsProps<T>['sortBy'];
}) {
  const direction = sort === column.id ? 'ascending' : sort === `-${column.id}` ? 'descending' : 'none';
  const Arrow = direction === 'descending' ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={direction}
      style={column.width === undefined ? undefined : { width: column.width }}
      className={`py-1 pr-4 font-normal whitespace-nowrap ${sideOf(column)}`}
    >
      {sortBy === null ? (
        column.title
      ) : (
        <button
          type="button"
          onClick={() => sortBy(column.id)}
          className="inline-flex items-center gap-1 hover:text-text"
        >
          {column.title}
          {direction !== 'none' && <Arrow aria-hidden size={11} />}
        </button>
      )}
    </th>
  );
}

type CellProps<T> = { column: Column<T>; row: T; isName: boolean; onOpen: (() => void) | undefined };

function Cell<T>({ column, row, isName, onOpen }: CellProps<T>) {
  const content = column.cell?.(row) ?? column.value(row) ?? <span className="text-text-3">–</span>;
  // A bare value is a name or a word: `host-1` broken at its hyphen is no longer read as one.
  const isWord = column.cell === undefined && column.width === undefined;
  const className = `py-1 pr-4 ${isWord ? 'whitespace-nowrap' : ''} ${sideOf(column)}`;
  if (!isName) return <td className={className}>{content}</td>;
  return (
    <th scope="row" className={`${className} font-normal`}>
      {onOpen === undefined ? (
        content
      ) : (
        <button type="button" onClick={onOpen} className="text-left font-mono text-accent hover:underline">
          {content}
        </button>
      )}
    </th>
  );
}

function sideOf<T>({ align, wide }: Column<T>): string {
  return `${align === 'right' ? 'text-right' : ''} ${wide ? 'max-md:hidden' : ''}`;
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height, padding: 0 }} />
    </tr>
  );
}
