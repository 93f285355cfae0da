/** Every kind of question that the pages of tasks ask. */
import type { TaskFilter, TaskQuery } from '#lib/contract/tasks.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import { NAMES, WORKERS } from './generated-tasks.ts';

/** Asked several times, each time for something else where it can be. */
export type Question = { name: string; ask(run: number): Promise<unknown> };

const DEEP_PAGES = 100;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The questions, fit for what the store holds. */
export async function questionsOf(reader: TaskReader): Promise<readonly Question[]> {
  const { oldestAt, newestAt } = await reader.stats();
  const [first, last] = [oldestAt ?? 0, newestAt ?? 0];
  const now = last;
  const list = (query: Partial<TaskQuery>) => reader.tasks({ limit: 100, sort: 'newest', ...query }, now);
  let deep = '';
  for (let page = 0; page < DEEP_PAGES; page++) {
    deep =
      (await reader.tasks({ limit: 500, sort: 'newest', ...(deep === '' ? {} : { after: deep }) }, now)).next ?? deep;
  }
  const [example] = (await list({ after: deep, limit: 1 })).tasks;
  const name = (run: number) => NAMES[(run * 7) % NAMES.length] ?? '';
  const worker = (run: number) => WORKERS[run % WORKERS.length] ?? '';
  const bars = (filter: TaskFilter, from: number) => reader.activity(filter, { from, to: last, buckets: 120 }, now);
  const middle = first + (last - first) / 2;
  return [
    { name: 'list: newest', ask: () => list({}) },
    { name: 'list: page 500', ask: () => list({ after: deep }) },
    { name: 'list: a quarter of an hour in the middle', ask: () => list({ from: middle, to: middle + 15 * MINUTE }) },
    { name: 'list: failed', ask: () => list({ state: ['FAILURE'] }) },
    { name: 'list: running', ask: () => list({ state: ['PENDING', 'RECEIVED', 'STARTED'] }) },
    { name: 'list: one name', ask: (run) => list({ name: [name(run)] }) },
    { name: 'list: one worker', ask: (run) => list({ worker: [worker(run)] }) },
    {
      name: 'list: name, worker, failed',
      ask: (run) => list({ name: [name(run)], worker: [worker(run)], state: ['FAILURE'] }),
    },
    { name: 'list: one exception', ask: () => list({ exception: ['KeyError'] }) },
    { name: 'list: slowest', ask: () => list({ sort: 'slowest' }) },
    { name: 'list: slowest of a name', ask: (run) => list({ sort: 'slowest', name: [name(run)] }) },
    { name: 'search: common word', ask: () => list({ q: 'customer' }) },
    { name: 'search: two words', ask: () => list({ q: 'args:refund kwargs:draft' }) },
    { name: 'search: rare word', ask: (run) => list({ q: `invoice-${10_000 + run * 7}@` }) },
    { name: 'search: absent word', ask: () => list({ q: 'zebra' }) },
    { name: 'search: result of failures', ask: (run) => list({ q: `result:backend-${run} state:failure` }) },
    { name: 'search: one or the other', ask: (run) => list({ q: `order-${1_000 + run} OR refund-${2_000 + run}` }) },
    { name: 'search: part of a name', ask: () => list({ q: 'webhooks' }) },
    { name: 'task with its workflow', ask: () => reader.task(example?.id ?? '') },
    { name: 'counts: all', ask: () => reader.counts({}, now) },
    { name: 'counts: last hour', ask: (run) => reader.counts({ from: last - HOUR - run }, now) },
    { name: 'counts: one name', ask: (run) => reader.counts({ name: [name(run)] }, now) },
    { name: 'counts: name and worker', ask: (run) => reader.counts({ name: [name(run)], worker: [worker(run)] }, now) },
    { name: 'counts: common word', ask: () => reader.counts({ q: 'customer' }, now) },
    { name: 'activity: last hour', ask: () => bars({}, last - HOUR) },
    { name: 'activity: everything', ask: () => bars({}, first) },
    { name: 'activity: one name', ask: (run) => bars({ name: [name(run)] }, last - HOUR) },
    { name: 'activity: common word', ask: () => bars({ q: 'customer' }, last - HOUR) },
    { name: 'failures', ask: () => reader.failures({}, now) },
    { name: 'failures of a worker', ask: (run) => reader.failures({ worker: [worker(run)] }, now) },
    { name: 'suggestions', ask: () => reader.suggestions(now) },
  ];
}
