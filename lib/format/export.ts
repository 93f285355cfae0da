/** Tables as files. */

export type Exported = { columns: readonly string[]; rows: readonly (readonly (string | number | null)[])[] };

/** Comma-separated values (RFC 4180). A value that a spreadsheet would take for a formula gets an apostrophe in front. */
export function csvOf({ columns, rows }: Exported): string {
  return [columns, ...rows].map((row) => `${row.map(fieldOf).join(',')}\r\n`).join('');
}

function fieldOf(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
