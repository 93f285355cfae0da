/**
 * The one slot on globalThis. Next compiles instrumentation, route handlers and pages into separate module graphs in
 * one process: a module-level variable would exist several times. Across the slot no `instanceof`.
 */
import type { FindingsAnswer } from '#lib/contract/findings.ts';
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
