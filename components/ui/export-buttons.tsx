'use client';
/** Saves the rows of a table as a file, as they are filtered and sorted now. */
import { Popover } from '@base-ui/react/popover';
import { Download } from 'lucide-react';
import { csvOf, type Exported } from '#lib/format/export.ts';

type ExportColumn<T> = { id: string; value(row: T): string | number | null };

export type ExportProps<T> = { name: string; columns: readonly ExportColumn<T>[]; rows: readonly T[] };

export function ExportButtons<T>({ name, columns, rows }: ExportProps<T>) {
  const records = (): Exported => ({
    columns: columns.map(({ id }) => id),
    rows: rows.map((row) => columns.map((column) => column.value(row))),
  });
  const json = () => {
    const { columns: ids, rows: values } = records();
    const objects = values.map((row) => Object.fromEntries(ids.map((id, i) => [id, row[i]])));
    save(`${name}.json`, 'application/json', `${JSON.stringify(objects, null, 1)}\n`);
  };
  const button = 'inline-flex items-center gap-1 rounded-sm border border-line px-1.5 h-7 text-text-2 hover:bg-raised';
  return (
    <span className="ml-auto inline-flex gap-1">
      <button type="button" className={button} onClick={() => save(`${name}.csv`, 'text/csv', csvOf(records()))}>
        <Download aria-hidden size={11} /> CSV
      </button>
      <button type="button" className={button} onClick={json}>
        <Download aria-hidden size={11} /> JSON
      </button>
    </span>
  );
}

/** The same behind a small sign, for a table that has no tools around it. */
export function ExportSign<T>({ what, ...props }: ExportProps<T> & { what: string }) {
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label={`Export ${what}`}
        title={`Export ${what}`}
        className="inline-flex size-6 items-center justify-center rounded-sm bg-panel text-text-3 hover:bg-raised hover:text-text"
      >
        <Download aria-hidden size={11} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={2} align="end" className="z-40">
          <Popover.Popup aria-label={`Export ${what}`} className="rounded-md border border-line bg-panel p-2 shadow-lg">
            <ExportButtons {...props} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function save(file: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement('a'), { href: url, download: file });
  link.click();
  URL.revokeObjectURL(url);
}
