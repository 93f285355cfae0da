/** Everything in a reply, one value a line, to be searched and exported. */
import { Copyable } from '#components/ui/copyable.tsx';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { flatten } from '#lib/format/worker-reply.ts';

type Line = { path: string; value: string };

const COLUMNS: readonly Column<Line>[] = [
  {
    ...{ id: 'name', title: 'Name', value: ({ path }) => path, width: '40%' },
    cell: ({ path }) => (
      <span title={path} className="block truncate font-mono">
        {path}
      </span>
    ),
  },
  {
    ...{ id: 'value', title: 'Value', value: ({ value }) => value, width: '60%' },
    // Rows are of one height: what is long is cut, and can be copied whole.
    cell: ({ value }) => <Copyable text={value} />,
  },
];

/** `name` = prefix in the URL, and of exported files. */
export function ValueTable({ name, reply }: { name: string; reply: unknown }) {
  const lines = flatten(reply).map(([path, value]) => ({ path, value }));
  return (
    <DataTable
      name={name}
      one="value"
      many="values"
      rows={lines}
      columns={COLUMNS}
      rowId={({ path }) => path}
      empty="It told nothing."
    />
  );
}
