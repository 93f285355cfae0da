/** Which starts of tasks a commit has stored that were not stored before. Pure. */
import type { Written } from '#server/history/tasks/store.ts';
import type { TaskChange } from './merge.ts';
import type { Start } from './workers.ts';

/** A change, and whether its message may have come before: then it may be stored already. */
export type ComingChange = TaskChange & { redelivered: boolean };

/** A start on its way into the store. */
export type ComingStart = Start & Pick<ComingChange, 'id' | 'redelivered'>;

/** The starts among the changes, each once. */
export function startsIn(changes: readonly ComingChange[]): ComingStart[] {
  const found = new Map<string, ComingStart>();
  for (const { id, event, redelivered } of changes) {
    const { type, by, pid, at } = event;
    if (type !== 'started' || by === null) continue;
    found.set(`${id} ${by} ${pid} ${at}`, { id, worker: by, pid, at, redelivered });
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
