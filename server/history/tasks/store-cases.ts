/** For tests: tasks of a small shop, and what a filter means said as simply as possible. */
import type { TaskFilter, TaskSort } from '#lib/contract/tasks.ts';
import type { Task, TaskEventType } from '#lib/model/task.ts';
import { parseSearch, type SearchNode } from '#lib/search/parse.ts';
import type { TaskChange, TaskFields } from '#server/ingest/merge.ts';

/** Epoch ms of the first events: half a minute past an hour. */
export const T0 = 1_795_287_630_000;
/** Long after all of them. */
export const NOW = T0 + 86_400_000;

type Life = {
  at?: number;
  name?: string;
  worker?: string;
  queue?: string;
  root?: string;
  end?: 'succeeded' | 'failed';
  runtimeMs?: number;
};

/** One event of a task, `ms` after the start. */
export function change(type: TaskEventType, id: string, ms: number, fields: TaskFields = {}, by = 'w1@h1'): TaskChange {
  const retries = type === 'received' || type === 'sent' ? 0 : null;
  return {
    id,
    event: { type, at: T0 + ms, by: type === 'sent' ? 'gen7@app' : by, pid: 7, note: null, retries },
    fields,
  };
}

/** A task from sent to its end. */
export function lifeOf(id: string, life: Life = {}): TaskChange[] {
  const {
    at = T0,
    name = 'shop.orders.ship',
    worker = 'w1@h1',
    queue = 'celery',
    end = 'succeeded',
    runtimeMs = 50,
    root = id,
  } = life;
  const ms = at - T0;
  const fields = { name, args: `('customer-${id}',)`, kwargs: "{'priority': 'high', 'n': 3}", rootId: root };
  const ended =
    end === 'succeeded'
      ? { result: `'shipped ${id}'`, runtimeMs }
      : { exception: "ValueError('boom')", traceback: 'Traceback …' };
  return [
    change('sent', id, ms, { ...fields, queue }, worker),
    change('received', id, ms + 5, fields, worker),
    change('started', id, ms + 10, {}, worker),
    change(end, id, ms + 10 + runtimeMs, ended, worker),
  ];
}

/** Events of many tasks over two hours, of every kind, in the order of their tasks. */
export function manyTasks(count: number): TaskChange[] {
  return Array.from({ length: count }, (_, i) => {
    const isMail = i % 3 === 0;
    const life = lifeOf(`t${i}`, {
      ...{ at: T0 + ((i * 7_919_317) % 7_200_000) + (i % 4) / 4, name: isMail ? 'shop.mail.send' : 'shop.orders.ship' },
      ...{
        worker: i % 4 === 0 ? 'w2@h1' : 'w1@h1',
        queue: isMail ? 'mail' : 'celery',
        runtimeMs: 1 + ((i * 104_729) % 90_000) / 7,
      },
      ...{
        root: i % 10 < 5 ? `t${i - (i % 10) + (i % 2 === 0 ? 3 : 7)}` : `t${i}`,
        end: i % 11 === 0 ? 'failed' : 'succeeded',
      },
    });
    if (i % 13 === 0) return life.slice(0, 1 + (i % 3));
    if (i % 17 === 0)
      return [...life.slice(0, 3), change('retried', `t${i}`, 20, { exception: 'KeyError(1)' })].map((one) => one);
    if (i % 19 === 0) return life.map((one) => ({ ...one, fields: { ...one.fields, canary: true } }));
    return life;
  }).flat();
}

/** The tasks that match, looked at one by one. */
export function wantedBy(all: readonly Task[], filter: TaskFilter, sort: TaskSort): Task[] {
  const search = parseSearch(filter.q ?? '');
  const isIn = (list: readonly string[] | undefined, value: string | null) =>
    list === undefined || (value !== null && list.includes(value));
  return all.filter(
    (task) =>
      isIn(filter.state, task.state) &&
      isIn(filter.name, task.name) &&
      isIn(filter.worker, task.worker) &&
      isIn(filter.queue, task.queue) &&
      isIn(filter.exception, task.exception?.split('(')[0] ?? null) &&
      (filter.root === undefined || task.id === filter.root || task.rootId === filter.root) &&
      Math.floor(task.at) >= (filter.from ?? 0) &&
      Math.floor(task.at) <= (filter.to ?? NOW) &&
      (filter.canaries === '1' || !task.canary) &&
      (sort !== 'slowest' || task.runtimeMs !== null) &&
      isFound(search, task),
  );
}

function isFound(node: SearchNode, task: Task): boolean {
  if (node.op === 'and') return node.nodes.every((one) => isFound(one, task));
  if (node.op === 'or') return node.nodes.some((one) => isFound(one, task));
  if (node.op !== 'term') return false;
  const { field, text, exact } = node;
  const { id, name, state, worker, args, kwargs, result, exception } = task;
  if (exact && field === 'state') return state.toLowerCase() === text.toLowerCase();
  if (exact) return text.toLowerCase() === 'priority=high';
  const fields = { id, name, state, worker, args, kwargs, result: result ?? exception };
  const texts = field === 'any' ? Object.values(fields) : [fields[field]];
  return texts.some((one) => (one ?? '').toLowerCase().includes(text.toLowerCase()));
}
