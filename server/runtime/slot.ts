/**
 * The one slot on globalThis. Next compiles instrumentation, route handlers and pages into separate module graphs in
 * one process: a module-level variable would exist several times. Across the slot no `instanceof`.
 */
import type { FindingsAnswer } from '#lib/contract/findings.ts';
import type { Locks } from '#lib/permissions.ts';
import type { Audit } from '#server/audit/audit.ts';
import type { Tokens } from '#server/auth/tokens.ts';
import type { Hands } from '#server/commands/hands.ts';
import type { Operations } from '#server/commands/operations.ts';
import type { Drills } from '#server/drills/drills.ts';
import type { Acknowledgements } from '#server/history/acknowledgements.ts';
import type { History } from '#server/history/history.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import type { Ingest } from '#server/ingest/ingest.ts';
import type { Hub } from '#server/stream/hub.ts';
import type { Watch } from './watch.ts';

export type Runtime = {
  instance: string;
  startedAt: number;
  estate: { name: string; colour: string };
  hub: Hub;
  watch: Watch;
  history: History;
  acknowledgements: Acknowledgements;
  /** The intake of Celery's events; null = the configuration has no `celery:`. */
  ingest: Ingest | null;
  /** The tasks that it stored; null as above. */
  tasks: TaskReader | null;
  drills: Drills;
  /** Every write, before and after it happened. */
  audit: Audit;
  tokens: Tokens;
  /** What the configuration takes away from everybody. */
  locks: Locks;
  /** What changes workers and tasks; null = the configuration has no `acting:`. */
  hands: Hands | null;
  /** Commands that take longer than a request. */
  operations: Operations;
  /** Names that Trellis is asked by, besides those of loopback. */
  allowedHosts: readonly string[];
  /** Flower's dialect, as configured. */
  flower: { writes: boolean };
  /** What every finding means, by its code. */
  findingCodes: FindingsAnswer['codes'];
  clock: () => number;
  stop(): void;
};

const KEY = Symbol.for('trellis.runtime');
type Holder = { [KEY]?: Runtime };

/** The running Trellis, or null before boot. */
export function runtimeOrNull(): Runtime | null {
  return (globalThis as Holder)[KEY] ?? null;
}

/** The running Trellis. @throws Error before boot */
export function runtime(): Runtime {
  const found = runtimeOrNull();
  if (found === null) throw new Error('Trellis has not booted');
  return found;
}

/** Fills the slot; only boot does. */
export function fillSlot(value: Runtime): void {
  (globalThis as Holder)[KEY] = value;
}
