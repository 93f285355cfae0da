'use client';
/**
 * The rows of the list, only those in view in the document. At its top it is alive; scrolled away from there it stands
 * still, and a button says how many tasks came since. Its height never changes.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo, useEffect, useRef } from 'react';
import { ScrollRegion } from '#components/ui/scroll-region.tsx';
import { Age } from '#components/ui/time.tsx';
import { TASK_SORTS, type TaskSort } from '#lib/contract/tasks.ts';
import { formatCount } from '#lib/format/quantity.ts';
import type { Task } from '#lib/model/task.ts';
import { hiding, TASK_COLUMNS, type TaskColumn } from './task-columns.tsx';

const ROW_PX = 32;
/** Scrolled by less than this, the reader is still at the top. */
const TOP_PX = 8;
/** So many rows before the end the next page is asked for. */
const AHEAD_ROWS = 30;
/** Until the scroller is measured: what a first window shows. */
const FIRST_RECT = { width: 1_000, height: 640 };

export type TaskTableProps = {
  /** A new list begins at its top. */
  listKey: string;
  rows: readonly Task[];
  sort: TaskSort;
  onSort(sort: TaskSort): void;
  newer: { count: number; isAll: boolean };
  /** When it began to stand still; null = it is alive. */
  stillSince: number | null;
  hasMore: boolean;
  isReading: boolean;
  /** What is shown belongs to the filter before. */
  isOld: boolean;
  onLeaveTop(): void;
  onTop(): void;
  onEnd(): void;
};

export function TaskTable(props: TaskTableProps) {
  const { listKey, rows, stillSince, newer, hasMore, onEnd } = props;
  const scroller = useRef<HTMLElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    initialRect: FIRST_RECT,
    overscan: 10,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const isNearEnd = hasMore && last >= rows.length - AHEAD_ROWS;
  useEffect(() => {
    if (isNearEnd) onEnd();
  }, [isNearEnd, onEnd]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another list goes back to the top.
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [listKey]);
  useTopWatch(scroller, props);
  const first = items[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div className="relative">
      {newer.count > 0 && (
        <button
          type="button"
          data-newer={newer.count}
          onClick={() => scroller.current?.scrollTo({ top: 0 })}
          className="absolute top-9 left-1/2 z-20 inline-flex -translate-x-1/2 items-center gap-1 rounded-full border border-accent bg-panel px-3 leading-6 font-semibold text-accent shadow-lg"
        >
          <ArrowUp aria-hidden size={12} />
          {newer.isAll ? `${newer.count}+ new tasks` : formatCount(newer.count, 'new task')}
        </button>
      )}
      <div className={`[&>section]:h-[min(40rem,70vh)] ${props.isOld ? 'opacity-60' : ''}`}>
        <ScrollRegion ref={scroller} label="tasks">
          <table className="w-full table-fixed text-left text-[12px]" aria-rowcount={hasMore ? -1 : rows.length + 1}>
            <caption className="sr-only">Tasks</caption>
            <thead className="sticky top-0 z-10 bg-panel text-text-3">
              <tr>
                {TASK_COLUMNS.map((column) => (
                  <Heading key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
                ))}
              </tr>
            </thead>
            <tbody>
              <Spacer height={first} />
              {items.map(({ index, key }) => {
                const task = rows[index];
                return task === undefined ? null : <Row key={key} task={task} index={index} />;
              })}
              <Spacer height={after} />
            </tbody>
          </table>
        </ScrollRegion>
      </div>
      <p className="mt-1 flex h-5 gap-3 text-[11px] text-text-3">
        {stillSince === null ? (
          'newest data; scroll down and the list stands still'
        ) : (
          <span>
            stands still since <Age at={stillSince} suffix=" ago" />
          </span>
        )}
        <span className="ml-auto">
          {props.isReading ? 'reading…' : `${rows.length}${hasMore ? '+' : ''} in the list`}
        </span>
      </p>
    </div>
  );
}

/** Says when the reader leaves the top of the list, and when they are back. */
function useTopWatch(
  scroller: { readonly current: HTMLElement | null },
  { stillSince, onLeaveTop, onTop }: Pick<TaskTableProps, 'stillSince' | 'onLeaveTop' | 'onTop'>,
): void {
  const latest = useRef({ isStill: false, onLeaveTop, onTop });
  latest.current = { isStill: stillSince !== null, onLeaveTop, onTop };
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const onScroll = () => {
      const { isStill, ...tell } = latest.current;
      const isAway = element.scrollTop > TOP_PX;
      if (isAway && !isStill) tell.onLeaveTop();
      if (!isAway && isStill) tell.onTop();
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, [scroller]);
}

/** Not drawn again while its task and place stay: the list is asked for anew every second or two. */
const Row = memo(function Row({ task, index }: { task: Task; index: number }) {
  return (
    <tr
      data-task={task.id}
      data-row={task.id}
      aria-rowindex={index + 2}
      style={{ height: ROW_PX }}
      className="border-t border-line hover:bg-raised"
    >
      {TASK_COLUMNS.map((column) => {
        const className = `overflow-hidden py-1 pr-3 ${sideOf(column)}`;
        return column.id === 'name' ? (
          <th key={column.id} scope="row" className={`${className} font-normal`}>
            {column.cell(task)}
          </th>
        ) : (
          <td key={column.id} className={className}>
            {column.cell(task)}
          </td>
        );
      })}
    </tr>
  );
});

const SORT_WORDS: Readonly<Record<TaskSort, string>> = {
  newest: 'newest first',
  oldest: 'oldest first',
  slowest: 'slowest first',
};

function Heading({ column, sort, onSort }: { column: TaskColumn; sort: TaskSort; onSort(sort: TaskSort): void }) {
  const { sorts, title, width, align } = column;
  const className = `py-1 pr-3 font-normal whitespace-nowrap ${sideOf(column)}`;
  const style = width === undefined ? undefined : { width };
  if (sorts === undefined)
    return (
      <th scope="col" style={style} className={className}>
        {title}
      </th>
    );
  // The received column shows the order by time, the runtime column that by runtime.
  const isSorted = sort === sorts[0] || (sort === 'oldest' && sorts.includes('oldest'));
  const next = (isSorted ? sorts.find((one) => one !== sort) : sorts[0]) ?? TASK_SORTS[0];
  const Arrow = sort === 'oldest' ? ArrowUp : ArrowDown;
  return (
    <th
      scope="col"
      style={style}
      className={className}
      aria-sort={!isSorted ? 'none' : sort === 'oldest' ? 'ascending' : 'descending'}
    >
      <button
        type="button"
        title={`Show ${SORT_WORDS[next]}`}
        onClick={() => onSort(next)}
        className={`inline-flex items-center gap-1 hover:text-text ${align === 'right' ? 'flex-row-reverse' : ''}`}
      >
        {title}
        {isSorted && <Arrow aria-hidden size={11} />}
      </button>
    </th>
  );
}

function sideOf(column: TaskColumn): string {
  return `${column.align === 'right' ? 'text-right' : ''} ${hiding(column)}`;
}

function Spacer({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      {/* One cell: as many as there are columns would make columns for those that are hidden on a narrow screen. */}
      <td style={{ height, padding: 0 }} />
    </tr>
  );
}
