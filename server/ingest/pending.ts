/**
 * What has come and is not stored: changes by task, and the messages that can be acknowledged only once these are stored.
 * The oldest of both come first. Pure.
 */

/** One message's share in it: `bytes` as it travelled. */
export type Held = { bytes: number };
/** Something that happened to one task. */
export type Change = { id: string };

/** Tasks to be stored together, each with all its changes in the order in which they came. */
export type Batch<M extends Held, C extends Change> = {
  changes: readonly C[];
  tasks: number;
  /** The messages, in the order in which they came, of which nothing waits any more once this is stored. */
  messages: readonly M[];
};

export type Pending<M extends Held, C extends Change> = {
  add(message: M, changes: readonly C[]): void;
  /** Every task that has a change in the first `count` messages. It stays pending until `remove`. */
  batch(count: number): Batch<M, C>;
  /** The batch that was made last, nothing having been added since. */
  remove(batch: Batch<M, C>): void;
  clear(): void;
  /** The messages that nothing says to be stored, the oldest first. */
  readonly messages: readonly M[];
  /** Of these messages. */
  readonly bytes: number;
  /** Changes that are not stored; less than the messages hold, as later ones of a task are stored with its first. */
  readonly changes: number;
};

/** Empty. */
export function createPending<M extends Held, C extends Change>(): Pending<M, C> {
  /** In the order of each task's first change; `place` = the message that it came in, counted from the very first. */
  const tasks = new Map<string, { place: number; changes: C[] }>();
  let messages: M[] = [];
  /** The place of the first of them. */
  let front = 0;
  let bytes = 0;
  let changes = 0;

  return {
    add(message, own) {
      const place = front + messages.length;
      messages.push(message);
      bytes += message.bytes;
      changes += own.length;
      for (const change of own) {
        const task = tasks.get(change.id);
        if (task === undefined) tasks.set(change.id, { place, changes: [change] });
        else task.changes.push(change);
      }
    },
    batch(count) {
      const taken: C[] = [];
      let taskCount = 0;
      let next = front + messages.length;
      for (const { place, changes: own } of tasks.values()) {
        if (place >= front + count) {
          next = place;
          break;
        }
        taken.push(...own);
        taskCount += 1;
      }
      return { changes: taken, tasks: taskCount, messages: messages.slice(0, next - front) };
    },
    remove(batch) {
      let left = batch.tasks;
      for (const id of tasks.keys()) {
        if (left === 0) break;
        tasks.delete(id);
        left -= 1;
      }
      messages.splice(0, batch.messages.length);
      front += batch.messages.length;
      changes -= batch.changes.length;
      for (const message of batch.messages) bytes -= message.bytes;
    },
    clear() {
      tasks.clear();
      front += messages.length;
      messages = [];
      bytes = 0;
      changes = 0;
    },
    get messages() {
      return messages;
    },
    get bytes() {
      return bytes;
    },
    get changes() {
      return changes;
    },
  };
}
