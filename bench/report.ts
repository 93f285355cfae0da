/** What every bench ends with: results against targets, as a table for people and as one line of JSON. Pure. */

/** One judged number; all targets are upper limits. `null`: no target, or (as a value) not seen within the limit. */
export type Result = {
  readonly metric: string;
  readonly value: number | null;
  readonly unit: string;
  readonly target: number | null;
  readonly pass: boolean | null;
  readonly median?: number | null;
  readonly count?: number;
  /** The named peer or limit that the number is held against. */
  readonly against?: string;
};

/** A number that was measured once. */
export function single(
  metric: string,
  value: number | null,
  unit: string,
  target: number | null,
  against = '',
): Result {
  return { metric, value: rounded(value), unit, target, pass: isWithin(value, target), against };
}

/** A number that was measured several times: the worst counts, and one that was not seen is worse than any. */
export function worstOf(
  metric: string,
  values: readonly (number | null)[],
  unit: string,
  target: number | null,
  against = '',
): Result {
  const seen = values.filter((value) => value !== null);
  const worst = seen.length === values.length && seen.length > 0 ? Math.max(...seen) : null;
  const more = { median: rounded(median(seen)), count: values.length };
  return { metric, value: rounded(worst), unit, target, pass: isWithin(worst, target), against, ...more };
}

/** The middle of the sorted values; `null` of none. */
export function median(values: readonly number[]): number | null {
  return quantile(values, 0.5);
}

/** A quantile by nearest rank; `null` of none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** Whether no result misses its target. */
export function allPass(results: readonly Result[]): boolean {
  return results.every(({ pass }) => pass !== false);
}

/** The table. */
export function table(title: string, results: readonly Result[]): string {
  const head = ['metric', 'median', 'worst', 'unit', 'target', '÷ target', 'n', 'pass', 'against'];
  const rows = results.map((one) => [
    one.metric,
    one.median === undefined ? '' : show(one.median),
    show(one.value),
    one.unit,
    one.target === null ? '-' : `≤ ${one.target}`,
    one.target === null || one.target === 0 || one.value === null ? '' : `${(one.value / one.target).toFixed(2)}×`,
    one.count === undefined ? '' : String(one.count),
    one.pass === null ? '' : one.pass ? 'yes' : 'NO',
    one.against ?? '',
  ]);
  return `\n${title}\n${aligned([head, ...rows])}\n`;
}

/** Rows with their columns aligned. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The one line with which `--json` ends. */
export function jsonLine(bench: string, results: readonly Result[]): string {
  return JSON.stringify({
    bench,
    results: results.map(({ metric, value, unit, target, pass }) => ({ metric, value, unit, target, pass })),
  });
}

function isWithin(value: number | null, target: number | null): boolean | null {
  if (target === null) return null;
  return value !== null && value <= target;
}

function show(value: number | null): string {
  if (value === null) return 'not seen';
  return Math.abs(value) >= 100 || Number.isInteger(value) ? String(Math.round(value)) : String(value);
}

/** Keeps three digits after the point: finer than any clock or counter here. */
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
