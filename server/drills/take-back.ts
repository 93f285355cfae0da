/** Takes back what a run did: the newest step first, each call tried a few times, all of them whatever fails. */
import { callText, isMoot } from './calls.ts';
import { type Performing, perform } from './perform-call.ts';
import { type RunRecord, type UndoItem, undoLeft, withSettled, withUndone } from './run-record.ts';

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
  const now = taking.performing.now();
  taking.change((record) => withSettled(record, ({ call, at }) => isMoot(call, now - at)));
  for (const lanes of together(undoLeft(taking.record()).filter(taking.which)))
    await Promise.all(lanes.map((lane) => takeLane(lane, taking)));
  await taking.keep();
}

/** What it does may be done again, so the disk is not waited for in between: writes may be held back meanwhile. */
async function takeLane(lane: readonly UndoItem[], taking: TakingBack): Promise<void> {
  for (const item of lane) {
    if (!(await tried(item, taking))) continue;
    taking.change((record) => withUndone(record, item));
    void taking.keep();
  }
}

/** One after the other, but for what is next to each other for several proxies: one that hangs does not keep the others. */
function together(items: readonly UndoItem[]): UndoItem[][][] {
  const groups: Map<string, UndoItem[]>[] = [];
  let isOpen = false;
  for (const item of items) {
    const proxy = 'proxy' in item.call ? item.call.proxy : null;
    if (proxy === null || !isOpen) groups.push(new Map());
    isOpen = proxy !== null;
    const group = groups.at(-1) as Map<string, UndoItem[]>;
    group.set(proxy ?? '', [...(group.get(proxy ?? '') ?? []), item]);
  }
  return groups.map((group) => [...group.values()]);
}

async function tried(item: UndoItem, { performing, onProblem }: TakingBack): Promise<boolean> {
  const limitMs = item.call.verb.startsWith('executor.') ? COMMAND_LIMIT_MS : LIMIT_MS;
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
