/** What is stored of a run: the run itself, what its report needs, and what would take back each thing that it did. */
import type { FindingLine, ListedRun, RunContext } from '#lib/contract/drills.ts';
import type { LedgerCount, Run, RunMark, RunStep } from '#lib/model/drill.ts';
import type { Finding } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import type { Call } from './calls.ts';
import type { Facts } from './drill.ts';
import type { Roles } from './roles.ts';

/** One thing to take back; stored before the step is done, so that a Trellis that was killed finds it. */
export type UndoItem = {
  /** The step that made it necessary. */
  step: string;
  at: number;
  call: Call;
  done: boolean;
};

export type RunRecord = {
  run: Run;
  context: RunContext;
  facts: Facts;
  undo: readonly UndoItem[];
  /** How it was before the first step; absent in records of older versions. */
  roles?: Roles;
  /** Whether `context.changed` tells what is another way; absent = the run goes on, or as above. */
  isTold?: boolean;
};

export const NO_CANARIES: LedgerCount = {
  ...{ published: 0, confirmed: 0, unconfirmed: 0, executed: 0, lost: 0, repeated: 0, resultsLost: 0 },
  ...{ open: 0, delayed: 0 },
};

/** So many marks are kept: a fault that moves thousands of queues has that many. */
const MARKS_KEPT = 300;

/** The record with another run. */
export function withRun(record: RunRecord, change: Partial<Run>): RunRecord {
  return { ...record, run: { ...record.run, ...change } };
}

/** The record with one step changed. */
export function withStep(record: RunRecord, id: string, change: Partial<RunStep>): RunRecord {
  const steps = record.run.steps.map((step) => (step.id === id ? { ...step, ...change } : step));
  return withRun(record, { steps });
}

/** The record with further marks, in the order of their times. */
export function withMarks(record: RunRecord, marks: readonly RunMark[]): RunRecord {
  if (marks.length === 0) return record;
  const all = [...record.run.marks, ...marks].sort((a, b) => a.at - b.at);
  return withRun(record, { marks: all.slice(0, MARKS_KEPT) });
}

/** What is still to be taken back, the newest first. */
export function undoLeft({ undo }: RunRecord): UndoItem[] {
  const steps = [...new Set(undo.map(({ step }) => step))].reverse();
  // Within a step the order is the step's own.
  return steps.flatMap((step) => undo.filter((item) => item.step === step && !item.done));
}

/** The record with one thing taken back; its step counts as undone once nothing of it is left. */
export function withUndone(record: RunRecord, item: UndoItem): RunRecord {
  const undo = record.undo.map((one) => (one === item ? { ...one, done: true } : one));
  const next = { ...record, undo };
  if (undo.some(({ step, done }) => step === item.step && !done)) return next;
  return withStep(next, item.step, { state: 'undone' });
}

/** The record without what need not be taken back any more: nothing is, so that no step counts as undone. */
export function withSettled(record: RunRecord, isSettled: (item: UndoItem) => boolean): RunRecord {
  return { ...record, undo: record.undo.map((one) => (isSettled(one) ? { ...one, done: true } : one)) };
}

/** As lists have it. */
export function listed({ run: { marks: _, checks: __, ...run } }: RunRecord): ListedRun {
  return run;
}

/** What is wrong with the estate now, settings aside. */
export function openFindings({ findings }: Pick<Model, 'findings'>): Finding[] {
  return Object.values(findings).filter(({ posture }) => !posture);
}

/** The same as a report has it. */
export function findingLine({ id, code, severity, text }: Finding): FindingLine {
  return { id, code, severity, text };
}
