/** Reads the traffic's ledger: is it publishing, and has every worker finished something lately? */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { HOSTS, memberId } from '#lab/layout.ts';
import type { LabPaths } from '#lab/paths.ts';
import { reason } from './http.ts';
import type { Problem } from './problem.ts';

const RECENT_MS = 10_000;

/** Tasks confirmed in the last ten seconds, and one finished by each worker. */
export function trafficProblems(paths: LabPaths, nowMs: number): readonly Problem[] {
  const members = [memberId('host-1', 'traffic')];
  if (!existsSync(paths.ledger)) return [{ what: 'the traffic has no ledger yet', members }];
  try {
    const since = nowMs - RECENT_MS;
    const database = new DatabaseSync(paths.ledger, { readOnly: true, timeout: 1_000 });
    try {
      const confirmed = database.prepare('SELECT count(*) AS n FROM task WHERE confirmed_at_ms > ?').get(since);
      if (confirmed?.n === 0) return [{ what: 'the traffic has no confirmed task in the last 10 s', members }];
      const busy = database
        .prepare('SELECT DISTINCT worker FROM task WHERE observed_at_ms > ?')
        .all(since)
        .map((row) => row.worker);
      return HOSTS.filter((host) => !busy.includes(`celery@${host}`)).map((host) => ({
        what: `celery@${host} has stored no result in the last 10 s`,
        members: [memberId(host, 'worker')],
      }));
    } finally {
      database.close();
    }
  } catch (error) {
    return [{ what: `the ledger cannot be read: ${reason(error)}`, members }];
  }
}

/** The longest time in which nothing happened on each path, in milliseconds. */
export type TrafficGaps = {
  /** Between confirmed publishes. */
  readonly publishMs: number;
  /** Between ends of tasks, as the workers' clocks say. */
  readonly executeMs: number;
  /** Between results that the application could read. */
  readonly resultMs: number;
};

/** The longest gaps in the ledger between two times. */
export function trafficGaps(paths: LabPaths, sinceMs: number, untilMs: number): TrafficGaps {
  const database = new DatabaseSync(paths.ledger, { readOnly: true, timeout: 1_000 });
  try {
    const longest = (column: 'confirmed_at_ms' | 'done_at_ms' | 'observed_at_ms') => {
      const rows = database
        .prepare(`SELECT ${column} AS at FROM task WHERE ${column} BETWEEN ? AND ? ORDER BY 1`)
        .all(sinceMs, untilMs);
      const times = [sinceMs, ...rows.map((row) => Number(row.at)), untilMs];
      return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time)));
    };
    return {
      publishMs: longest('confirmed_at_ms'),
      executeMs: longest('done_at_ms'),
      resultMs: longest('observed_at_ms'),
    };
  } finally {
    database.close();
  }
}
