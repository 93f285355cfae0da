/** Takes back what a run did: the newest step first, each call tried a few times, all of them whatever fails. */
import { callText } from './calls.ts';
import { type Performing, perform } from './perform-call.ts';
import { type RunRecord, type UndoItem, undoLeft, withUndone } from './run-record.ts';

export type TakingBack = {
  performing: Performing;
  record(): RunRecord;
  change(how: (record: RunRecord) => RunRecord): void;
  /** Stores the record where that is possible; never throws. */
  keep(): Promise<void>;
  /** Which of the things that are left. */
  which(item: UndoItem): boolean;
  onProblem(message: string): void;
};

const TRIES = 3;
const BETWEEN_TRIES_MS = 1_000;
/** To start a broker takes long; everything else answers within its own limit. */
const COMMAND_LIMIT_MS = 180_000;
const LIMIT_MS = 15_000;

/** Resolves when everything was tried; what could not be taken back stays in the record. */
export async function takeBack(taking: TakingBack): Promise<void> {
  for (const item of undoLeft(taking.record()).filter(taking.which)) {
    if (!(await tried(item, taking))) continue;
    taking.change((record) => withUndone(record, item));
    await taking.keep();
  }
}

async function tried(item: UndoItem, { performing, onProblem }: TakingBack): Promise<boolean> {
  const limitMs = item.call.verb === 'executor.run' ? COMMAND_LIMIT_MS : LIMIT_MS;
  for (let attempt = 1; ; attempt += 1) {
    const limit = new AbortController();
    try {
      await Promise.race([perform(item.call, performing, limit.signal), late(performing, limitMs, limit)]);
      return true;
    } catch (error) {
      onProblem(`${callText(item.call)}: ${(error as Error).message}`);
    } finally {
      limit.abort();
    }
    if (attempt >= TRIES) return false;
    await performing.pause(BETWEEN_TRIES_MS, new AbortController().signal);
  }
}

async function late({ pause }: Performing, limitMs: number, limit: AbortController): Promise<never> {
  await pause(limitMs, limit.signal);
  throw new Error(`no answer within ${limitMs / 1_000} s`);
}
