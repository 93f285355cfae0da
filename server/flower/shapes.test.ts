/** Our answers have the shape of Flower 2.1.0's recorded ones; what differs is told here, each with its reason. */
import { afterAll, expect, test } from 'vitest';
import { ADDED, recordedEstate, recordedFlower } from './recorded-estate.ts';
import { mapDifferences, shapeDifferences } from './same-shape.ts';

const estate = recordedEstate();
afterAll(() => estate.end());
const ours = async (path: string) => (await estate.ask(path)).json();

test('a task', async () => {
  expect(shapeDifferences(recordedFlower('api_task_info'), await ours(`/api/task/info/${ADDED}`))).toEqual([]);
});

test('a list of tasks, by their ids', async () => {
  const listed = (await ours('/api/tasks?limit=5')) as Record<string, { uuid: string }>;
  expect(Object.keys(listed)).toHaveLength(5);
  for (const [id, { uuid }] of Object.entries(listed)) expect(uuid).toBe(id);
  expect(mapDifferences(recordedFlower('api_tasks_limit5') as object, listed)).toEqual([]);
});

test('the table of tasks', async () => {
  const table = await ours('/tasks/datatable?draw=1&start=0&length=3&search[value]=&order[0][column]=0');
  expect(shapeDifferences(recordedFlower('tasks_datatable'), table)).toEqual([]);
});

test('the names of tasks', async () => {
  const told = (await ours('/api/task/types')) as { 'task-types': string[] };
  expect(shapeDifferences(recordedFlower('api_task_types'), told)).toEqual([]);
  expect(told['task-types']).toEqual(['ptasks.add', 'ptasks.fail', 'ptasks.retryme', 'ptasks.sleep', 'ptasks.xsum']);
});

test('workers and whether they live', async () => {
  expect(await ours('/api/workers?status=1')).toEqual(recordedFlower('api_workers_status'));
});

test('what workers say; the recorded Flower had not got answers to every question', async () => {
  const told = (await ours('/api/workers')) as Record<string, object>;
  expect(Object.keys(told)).toEqual(['w1@h1', 'w2@h1']);
  const differences = mapDifferences(recordedFlower('api_workers') as object, told);
  // Which tasks a worker counts is its own affair; `alternates` is masked here, Flower leaves it out.
  expect(differences.filter((one) => !/stats\.(total|broker\.alternates)/.test(one))).toEqual(
    ['registered', 'scheduled', 'active', 'conf'].map((question) => `*.${question}: only here`),
  );
});

test('the table of workers; without the intake no events are counted, and Celery’s logical clock is not kept', async () => {
  const differences = shapeDifferences(recordedFlower('workers_json'), await ours('/workers?json=1'));
  expect(differences.filter((one) => !/(worker|task)-\w+: only there/.test(one))).toEqual([]);
});

test('the lengths of queues: Trellis reads no more of them than these', async () => {
  const told = (await ours('/api/queues/length')) as { active_queues: object[] };
  expect(Object.keys(told.active_queues[0] ?? {}).sort()).toEqual(
    [
      ...['name', 'vhost', 'type', 'state', 'durable', 'exclusive', 'policy', 'node', 'consumers'],
      ...['messages', 'messages_ready', 'messages_unacknowledged', 'message_stats'],
    ].sort(),
  );
  const differences = shapeDifferences(recordedFlower('api_queues_length'), told);
  expect(differences.filter((one) => !one.endsWith('only there'))).toEqual([]);
});

test('an unknown worker is told in Flower’s words', async () => {
  const answer = await estate.ask('/api/workers?workername=nosuch');
  expect([answer.status, await answer.text()]).toEqual([404, "Unknown worker 'nosuch'"]);
});
