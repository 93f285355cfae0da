/**
 * What takes longer than a request: those under way, and the last of those that ended. The end of each goes into the audit, as
 * a second entry after the write that began it. A restart of Trellis forgets the list, not the audit.
 */
import type { ControlOutcome, ControlStage, ControlStep, Operation, OperationProgress } from '#lib/contract/control.ts';
import type { Identity } from '#lib/permissions.ts';
import type { Audit, AuditNote } from '#server/audit/audit.ts';
import type { TimerClock } from '#server/runtime/clock.ts';

/** What an operation is about. */
export type OperationStart = Pick<Operation, 'id' | 'action' | 'target' | 'reason'> & {
  identity: Identity;
  /** What it does to one thing at a time: another one with the same is refused while this is under way. */
  exclusive?: string;
};

/** How the work tells how far it is. */
export type OperationHandle = {
  signal: AbortSignal;
  step(stage: ControlStage, text: string): void;
  progress(progress: OperationProgress): void;
  /** It published this task. */
  published(task: string): void;
};

export type Operations = {
  /** Begins it. @throws Error with code OPERATION_UNDER_WAY; nothing was begun */
  start(start: OperationStart, work: (handle: OperationHandle) => Promise<ControlOutcome>): Operation;
  get(id: string): Operation | null;
  /** Newest first. */
  list(): readonly Operation[];
  /** Calls it off; what was done stays. False = it is not under way. */
  abort(id: string): boolean;
  /** Calls off all; resolves when each has told its end. */
  stop(): Promise<void>;
};

export type OperationsOptions = {
  clock: Pick<TimerClock, 'now'>;
  audit: Pick<Audit, 'append'>;
  /** An end that could not be written into the audit; for the log. */
  onProblem(message: string): void;
};

/** So many that ended are kept. */
export const ENDED_KEPT = 200;
const STEPS_KEPT = 50;
const TASKS_KEPT = 1_000;

type Running = { exclusive: string | null; controller: AbortController; ended: Promise<void> };

/** An empty list. */
export function createOperations({ clock, audit, onProblem }: OperationsOptions): Operations {
  const operations = new Map<string, Operation>();
  const running = new Map<string, Running>();

  function change(id: string, how: (operation: Operation) => Partial<Operation>): void {
    const operation = operations.get(id);
    // What ended does not change any more, whatever its work still says.
    if (operation !== undefined && operation.endedAt === null) operations.set(id, { ...operation, ...how(operation) });
  }

  function step(id: string, stage: ControlStage, text: string): void {
    const at = clock.now();
    change(id, ({ steps }) => ({ stage, steps: bounded([...steps, { at, stage, text }]) }));
  }

  async function run(
    start: OperationStart,
    controller: AbortController,
    work: (handle: OperationHandle) => Promise<ControlOutcome>,
  ): Promise<void> {
    const { id } = start;
    const began = clock.now();
    const handle: OperationHandle = {
      signal: controller.signal,
      step: (stage, text) => step(id, stage, text),
      progress: (progress) => change(id, () => ({ progress })),
      published: (task) => change(id, ({ tasks }) => ({ tasks: [...tasks, task].slice(0, TASKS_KEPT) })),
    };
    const outcome = await work(handle).catch((error: Error) => failed(error, clock.now() - began));
    step(id, outcome.stage, outcome.evidence);
    change(id, () => ({ outcome, endedAt: clock.now() }));
    running.delete(id);
    forget();
    await audit.append(noteOf(start, outcome)).catch((error: Error) => onProblem(`${id}: ${error.message}`));
  }

  function forget(): void {
    const ended = [...operations.values()].filter(({ endedAt }) => endedAt !== null);
    for (const { id } of ended.slice(0, Math.max(0, ended.length - ENDED_KEPT))) operations.delete(id);
  }

  return {
    start(start, work) {
      const { id, action, target, reason, identity, exclusive = null } = start;
      for (const [other, one] of running) {
        if (exclusive !== null && one.exclusive === exclusive) throw underWay(operations.get(other));
      }
      const operation: Operation = {
        ...{ id, action, target, by: identity.name, reason, startedAt: clock.now(), endedAt: null },
        ...{ stage: 'requested', steps: [], progress: null, outcome: null, tasks: [] },
      };
      const controller = new AbortController();
      operations.set(id, operation);
      // Listed before its work begins: that may end at once.
      const entry: Running = { exclusive, controller, ended: Promise.resolve() };
      running.set(id, entry);
      entry.ended = run(start, controller, async (handle) => work(handle));
      return operations.get(id) ?? operation;
    },
    get: (id) => operations.get(id) ?? null,
    list: () => [...operations.values()].reverse(),
    abort(id) {
      const one = running.get(id);
      one?.controller.abort();
      return one !== undefined;
    },
    async stop() {
      const all = [...running.values()];
      for (const { controller } of all) controller.abort();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}

/** The first says how it began; of the rest, the newest count. */
function bounded(steps: readonly ControlStep[]): readonly ControlStep[] {
  return steps.length <= STEPS_KEPT ? steps : [...steps.slice(0, 1), ...steps.slice(1 - STEPS_KEPT)];
}

function failed({ message }: Error, tookMs: number): ControlOutcome {
  return { stage: 'failed', replies: {}, evidence: message, tookMs };
}

function noteOf({ id, action, target, reason, identity }: OperationStart, outcome: ControlOutcome): AuditNote {
  return {
    ...{ request: id, phase: 'after', actor: identity.name, role: identity.role, action, target, reason },
    details: outcome,
    outcome: OUTCOMES[outcome.stage],
  };
}

const OUTCOMES: Readonly<Record<ControlStage, NonNullable<AuditNote['outcome']>>> = {
  requested: 'unknown',
  acknowledged: 'done',
  verified: 'verified',
  'not-verified': 'not-verified',
  'no-answer': 'not-verified',
  refused: 'failed',
  failed: 'failed',
};

function underWay(operation: Operation | undefined): Error {
  const detail = `${operation?.action} on ${operation?.target}, begun by ${operation?.by}, is under way. Wait for its end, or call it off: operation ${operation?.id}.`;
  return Object.assign(new Error(detail), { code: 'OPERATION_UNDER_WAY' });
}
