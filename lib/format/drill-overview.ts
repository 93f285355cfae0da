/** What high availability costs while all is well: an estate beside a single broker and Redis. Pure. */

/** One workload: how long it took in each; medians of the rounds, in milliseconds. */
export type OverviewRow = { workload: string; tasks: number; standaloneMs: number; estateMs: number };

/** `at` = when it was measured (epoch ms). */
export type Overview = { at: number; rows: readonly OverviewRow[] };

/** What the bench stored; null = that is no overview. Rows that cannot be read are left out. */
export function parseOverview(body: unknown): Overview | null {
  if (!isRecord(body) || typeof body.at !== 'number' || !Array.isArray(body.rows)) return null;
  return { at: body.at, rows: body.rows.flatMap(parseRow) };
}

function parseRow(row: unknown): OverviewRow[] {
  if (!isRecord(row)) return [];
  const { workload, tasks, standaloneMs, estateMs } = row;
  if (typeof workload !== 'string' || !isCount(tasks) || !isCount(standaloneMs) || !isCount(estateMs)) return [];
  return [{ workload, tasks, standaloneMs, estateMs }];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** `1.9× as long`, `as long`, `0.8× as long`; null = nothing to compare with. */
export function penaltyText({ standaloneMs, estateMs }: OverviewRow): string | null {
  if (standaloneMs === 0) return null;
  const ratio = estateMs / standaloneMs;
  return Math.abs(ratio - 1) < 0.05 ? 'as long' : `${ratio.toFixed(ratio < 10 ? 1 : 0)}× as long`;
}
