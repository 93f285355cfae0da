/**
 * Finds the true end of tasks whose end Trellis did not see: asks the workers, then the result store, and says `orphaned`,
 * with the evidence, where nobody knows. It never publishes a task, nor changes anything outside the history.
 */
import { isEnded, type Task } from '#lib/model/task.ts';
import type { TaskWriter, WorkerMark, Written } from '#server/history/tasks/store.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import type { Inspector } from './inspect.ts';
import { gapMark, gapOf } from './marks.ts';
import type { TaskChange } from './merge.ts';
import { type DueStore, type InQuestion, startDue } from './reconcile-due.ts';
import { orphanedNote } from './reconcile-note.ts';
import {
  type Evidence,
  type Gap,
  isKnownToWorker,
  isOfEarlierProcess,
  isOrphaned,
  isQuietForLong,
  mayBeOrphaned,
  orphanedAt,
  type Whereabouts,
  type WorkerSight,
  type WorkersWord,
  wordOf,
} from './reconcile-plan.ts';
import { storeWordOf } from './reconcile-results.ts';
import { createScan } from './reconcile-scan.ts';
import type { ResultReader, ResultsRead } from './result-reader.ts';

/** From the end of one round to the next. */
export const ROUND_MS = 5_000;
/** A worker answers from memory, in milliseconds; one that is busy with its only process does not answer at all. */
const QUERY_TIMEOUT_MS = 2_000;

export type ReconcileReport = {
  /** Tasks whose end was found in the result store, since the start. */
  backfilled: number;
  /** Tasks that nobody knows the end of, since the start. */
  orphaned: number;
  /** Questions about single tasks, since the start. */
  asked: number;
  /** Tasks that hang on workers that are gone, at the last round. */
  pending: number;
  /** What keeps it from its work, and what helps; null = nothing. */
  problem: string | null;
};

export type ReconcileOptions = {
  writer: DueStore & Pick<TaskWriter, 'write' | 'marks'>;
  /** null = there are no credentials to act with: then the result store alone is asked. */
  inspect: Inspector | null;
  /** null = no result store is configured. */
  results: ResultReader | null;
  workers: () => readonly WorkerSight[];
  /**
   * Since when (epoch ms) events come in without a break and without much lag; null = they do not now. Only then does a
   * worker's silence mean anything, and nothing is called orphaned.
   */
  listeningSince: () => number | null;
  clock: TimerClock;
  /** After every round that changed it. */
  onReport(report: ReconcileReport): void;
  /** What was written, for throughput figures. */
  onWritten?(written: Written): void;
};

export type Reconcile = {
  /** Events may have been lost in this time: the queue was away, or dropped some. All open tasks are asked about again. */
  noteGap(gap: Gap): void;
  readonly report: ReconcileReport;
  /** Ends it; a round that is under way writes nothing any more. Closes neither `inspect` nor `results`. */
  stop(): void;
};

/** What a round found out; `unanswered` = who could tell did not answer, `isBlind` = no result store did. */
type Settled = {
  changes: TaskChange[];
  unanswered: ReadonlySet<string>;
  isBlind: boolean;
  problem: string | null;
};

const NO_CREDENTIALS = 'acting.rabbitmq is not configured';

/** Starts the rounds; the first begins after `ROUND_MS`. */
export function startReconcile(options: ReconcileOptions): Reconcile {
  const { writer, inspect, results, clock } = options;
  let report: ReconcileReport = { backfilled: 0, orphaned: 0, asked: 0, pending: 0, problem: null };
  let scanProblem: string | null = null;
  /** What could not be written yet: the disk may be full. */
  let unsaved: readonly TaskChange[] = [];
  let unsavedGap: WorkerMark | null = null;
  let stopped = false;
  let cancel = () => {};
  const due = startDue(options);
  const scan =
    results === null
      ? null
      : createScan({
          ...{ results, clock, keep, onLeft },
          onProblem: (problem) => {
            scanProblem = problem;
          },
        });

  function keep(changes: readonly TaskChange[]): void {
    if (changes.length === 0) return;
    const written = writer.write(changes, []);
    const count = (is: (one: Written['changed'][number]) => boolean) => written.changed.filter(is).length;
    const backfilled = count(
      ({ before, after }) => isEnded(after.state) && (before === null || !isEnded(before.state)),
    );
    const orphaned = count(({ before, after }) => after.state === 'ORPHANED' && before?.state !== 'ORPHANED');
    tell({ backfilled: report.backfilled + backfilled, orphaned: report.orphaned + orphaned });
    options.onWritten?.(written);
  }

  /** A walk takes minutes: what is left of it goes on after a restart. */
  function onLeft(gap: Gap | null): void {
    unsavedGap = gapMark(gap, clock.now());
    try {
      keepGap();
    } catch {
      // The next round tries again, and tells.
    }
  }

  function keepGap(): void {
    if (unsavedGap !== null) writer.write([], [unsavedGap]);
    unsavedGap = null;
  }

  function tell(change: Partial<ReconcileReport>): void {
    const next = { ...report, ...change };
    const isNews = (Object.keys(next) as (keyof ReconcileReport)[]).some((key) => next[key] !== report[key]);
    report = next;
    if (isNews) options.onReport(report);
  }

  async function askWorkers(questions: readonly InQuestion[]): Promise<WorkersWord | string | null> {
    if (questions.length === 0) return null;
    if (inspect === null) return NO_CREDENTIALS;
    const online = options.workers().filter(({ state }) => state === 'online');
    const own = new Set(questions.map(({ task }) => task.worker));
    // Of a worker that is there nobody knows better than itself; for one that is gone any other may speak.
    const isAnyGone = questions.some(({ at }) => at.kind !== 'online');
    const destination = online.map(({ id }) => id).filter((id) => isAnyGone || own.has(id));
    try {
      const ids = questions.map(({ task }) => task.id);
      const question = { verb: 'query_task', arguments: { ids }, destination, timeoutMs: QUERY_TIMEOUT_MS } as const;
      const { replies, silent } = await inspect.ask(question);
      return wordOf(replies, silent, clock.now());
    } catch (error) {
      return (error as Error).message;
    }
  }

  async function settle(all: readonly InQuestion[]): Promise<Settled> {
    // The workers first: what they do not hold any more has left its result by then.
    const questions = all.filter(({ task, at }) => isWorkersBusiness(task, at, clock.now()));
    const word = await askWorkers(questions);
    const workers = typeof word === 'string' ? null : word;
    const open = all.filter(({ task }) => workers?.holders.has(task.id) !== true);
    const read =
      results === null ? null : open.length === 0 ? NOTHING_READ : await results.read(open.map(({ task }) => task.id));
    const now = clock.now();
    const asked = new Set(questions.map(({ task }) => task.id));
    const unanswered = new Set<string>();
    const changes = open.flatMap(({ task, at }): TaskChange[] => {
      const { store, end } = storeWordOf(task, read, now);
      if (end !== null) return [end];
      if (!asked.has(task.id)) return [];
      const storeAddress = read?.asked.at(-1) ?? null;
      const unasked = typeof word === 'string' ? word : null;
      const evidence: Evidence = { at, workers, unasked, canAsk: inspect !== null, store, storeAddress };
      if (isOrphaned(task, evidence, now)) return [orphanedChange(task, evidence, now)];
      const isFallen = at.kind !== 'online' || isOfEarlierProcess(task, at);
      if (isFallen && store !== 'retrying') unanswered.add(task.id);
      return [];
    });
    return {
      changes,
      unanswered,
      isBlind: read?.problem != null && read.asked.length === 0,
      problem: problemOf(word, read),
    };
  }

  function problemOf(word: WorkersWord | string | null, read: ResultsRead | null): string | null {
    if (read?.problem != null) return `Results cannot be read: ${read.problem}`;
    if (results === null) return 'Ends that were missed cannot be found: no result store is configured.';
    if (typeof word === 'string' && inspect !== null) return `Workers cannot be asked about lost tasks: ${word}`;
    return inspect === null ? `Workers are not asked about lost tasks: ${NO_CREDENTIALS}.` : null;
  }

  async function round(): Promise<void> {
    keep(unsaved);
    unsaved = [];
    keepGap();
    const all = due.take();
    const { changes, unanswered, isBlind, problem } = await settle(all);
    if (stopped) return;
    due.giveBack(unanswered, isBlind);
    unsaved = changes;
    keep(changes);
    unsaved = [];
    const settled = new Set(changes.map(({ id }) => id));
    const pending = due.hanging - all.filter(({ task, at }) => at.kind === 'gone' && settled.has(task.id)).length;
    tell({ asked: report.asked + all.length, pending, problem: scanProblem ?? problem });
  }

  function next(): void {
    if (stopped) return;
    cancel = clock.after(ROUND_MS, () => {
      round()
        .catch((error: Error) => {
          if (!stopped) tell({ problem: `Lost tasks cannot be looked after: ${error.message}` });
        })
        .finally(next);
    });
  }

  function noteGap(gap: Gap): void {
    due.noteGap(gap);
    scan?.begin(gap);
  }

  const left = gapOf(writer.marks());
  if (left !== null) noteGap(left);
  next();
  return {
    noteGap,
    get report() {
      return report;
    },
    stop() {
      stopped = true;
      cancel();
      scan?.stop();
    },
  };
}

/** There was nothing to ask. */
const NOTHING_READ: ResultsRead = { found: new Map(), absent: new Set(), asked: [], problem: null };

/** The workers are asked about what may be orphaned; of one that is there only what is quiet for long. */
function isWorkersBusiness(task: Task, at: Whereabouts, now: number): boolean {
  if (!mayBeOrphaned(task) || !isKnownToWorker(task, at) || at.kind === 'open') return false;
  return at.kind !== 'online' || isQuietForLong(task, at, now);
}

function orphanedChange(task: Task, evidence: Evidence, now: number): TaskChange {
  const at = orphanedAt(task, evidence.at, now);
  const note = orphanedNote(task, evidence, now);
  return { id: task.id, event: { type: 'orphaned', at, by: null, pid: null, note, retries: null }, fields: {} };
}
