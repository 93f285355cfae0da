/** For tests: runs in memory, as JSON like on disk. */
import { listed, type RunRecord } from './run-record.ts';
import type { RunStore } from './run-store.ts';

export type MemoryRuns = RunStore & {
  /** Every record that was saved, in order, as text. */
  readonly saved: readonly string[];
  /** Told before each save; what it throws is what the save fails with. */
  beforeSave: (count: number) => void;
};

/** A store with nothing in it, or with what another one was left with. */
export function memoryRuns(rows: Map<string, string> = new Map()): MemoryRuns & { rows: Map<string, string> } {
  const saved: string[] = [];
  const parsed = () => [...rows.values()].map((text) => JSON.parse(text) as RunRecord);
  const byAge = (a: RunRecord, b: RunRecord) => a.run.startedAt - b.run.startedAt;
  const store: MemoryRuns & { rows: Map<string, string> } = {
    ...{ rows, saved, beforeSave: () => {} },
    async save(record) {
      store.beforeSave(saved.length + 1);
      const text = JSON.stringify(record);
      saved.push(text);
      rows.set(record.run.id, text);
    },
    load: async (id) => parsed().find(({ run }) => run.id === id) ?? null,
    list: async ({ drill, limit }) =>
      parsed()
        .filter(({ run }) => drill === undefined || run.drill === drill)
        .sort((a, b) => byAge(b, a))
        .slice(0, limit)
        .map(listed),
    unended: async () =>
      parsed()
        .filter(({ run }) => run.state !== 'ended')
        .sort(byAge),
    async close() {},
  };
  return store;
}
