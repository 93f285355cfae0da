/** For tests: the writing half of the store in memory, with the real merge, and a disk that can be full. */
import type { TaskWriter, WorkerMark } from '#server/history/tasks/store.ts';
import { mergeTask, type TaskChange, type TaskRecord, taskOf } from './merge.ts';

export type MemoryWriter = TaskWriter & {
  /** What every write throws; null = the disk is well. */
  failure: Error | null;
  /** Sizes of the batches that were written. */
  readonly writes: readonly number[];
  /** Ids of the tasks. */
  ids(): string[];
  stateOf(id: string): string | null;
};

/** An empty store, or one that keeps `marks` from before. */
export function memoryWriter(marks: readonly WorkerMark[] = []): MemoryWriter {
  const records = new Map<string, TaskRecord>();
  const kept = new Map(marks.map((mark) => [`${mark.worker} ${mark.pid}`, mark]));
  const writes: number[] = [];
  const writer: MemoryWriter = {
    failure: null,
    writes,
    write(changes, newMarks) {
      if (writer.failure !== null) throw writer.failure;
      writes.push(changes.length);
      for (const mark of newMarks) kept.set(`${mark.worker} ${mark.pid}`, mark);
      const changed = [...Map.groupBy(changes, ({ id }) => id)].flatMap(([id, own]: [string, TaskChange[]]) => {
        const before = records.get(id) ?? null;
        const after = mergeTask(before, own);
        if (after === before) return [];
        records.set(id, after);
        return [{ before: before === null ? null : taskOf(before), after: taskOf(after) }];
      });
      return { changed };
    },
    marks: () => [...kept.values()],
    running: () => [],
    unfinished: () => [],
    retain: () => ({ deleted: 0, more: false }),
    upkeep() {},
    stats: () => ({ tasks: records.size, bytes: 0, freeBytes: 0, oldestAt: null, newestAt: null }),
    close() {},
    ids: () => [...records.keys()].sort(),
    stateOf: (id) => {
      const record = records.get(id);
      return record === undefined ? null : taskOf(record).state;
    },
  };
  return writer;
}
