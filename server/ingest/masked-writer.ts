/** The store as the intake writes to it: no secret of a task gets as far as its file. */
import type { Mask } from '#server/celery/mask.ts';
import type { TaskWriter } from '#server/history/tasks/store.ts';

/** The writer, with every change masked before it is merged, whether an event told it or the result store. */
export function maskedWriter(writer: TaskWriter, mask: Mask): TaskWriter {
  return { ...writer, write: (changes, marks) => writer.write(changes.map(mask.change), marks) };
}
