/** Which starts of tasks a commit has stored that were not stored before. Pure. */
import type { Written } from '#server/history/tasks/store.ts';
import type { TaskChange } from './merge.ts';
import type { Start } from './workers.ts';

/** A start on its way into the store. */
export type ComingStart = Start & {
  id: string;
  at: number;
  /** Its message came before: it may be stored already. */
  redelivered: boolean;
};

/** The starts in a batch, each once. */
export function startsIn(batch: readonly { tasks: readonly TaskChange[]; redelivered: boolean }[]): ComingStart[] {
  const found = new Map<string, ComingStart>();
  for (const { tasks, redelivered } of batch) {
    for (const { id, event } of tasks) {
      const { type, by, pid, at } = event;
      if (type !== 'started' || by === null) continue;
      found.set(`${id} ${by} ${pid} ${at}`, { id, worker: by, pid, at, redelivered });
    }
  }
  return [...found.values()];
}

/** Those of them that were new: of a task that changed, and, where the message came again, not known before. */
export function newStarts(coming: readonly ComingStart[], { changed }: Written): ComingStart[] {
  const before = new Map(changed.map((one) => [one.after.id, one.before]));
  return coming.filter(({ id, at, redelivered }) => {
    const known = before.get(id);
    if (known === undefined) return false;
    return !redelivered || known === null || known.startedAt === null || at > known.startedAt;
  });
}
