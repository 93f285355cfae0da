import { expect, test } from 'vitest';
import { drillOrRunOf, drillRoute, PAGES, pageAt, runRoute, taskIdOf, taskRoute, tasksRoute } from './routes.ts';

test('any id comes back from the address of its task', () => {
  for (const id of ['27963fad-602e-493d-9bc7-17ca521cf908', 'orders/4711 ü?#%', '%2F'])
    expect(taskIdOf(taskRoute(id).pathname)).toBe(id);
  expect(taskIdOf('/tasks/%E0')).toBeNull();
});

test('lists of the filter are repeated parameters', () => {
  expect(tasksRoute({ state: ['FAILURE', 'RETRY'], name: 'a b' })).toEqual({
    pathname: '/tasks',
    query: { state: ['FAILURE', 'RETRY'], name: 'a b' },
  });
});

test('a page of details belongs to its list, and nothing else to the estate', () => {
  expect(pageAt('/tasks/failures')?.title).toBe('Tasks');
  expect(pageAt('/tasks')?.title).toBe('Tasks');
  expect(pageAt('/')?.title).toBe('Estate');
  expect(pageAt('/nothing')).toBeNull();
});

test('every page has a key of its own', () => {
  expect(new Set(PAGES.map(({ key }) => key)).size).toBe(PAGES.length);
});

test('runs belong to the drills, and their ids come back from their address', () => {
  expect(pageAt('/runs/r1')?.title).toBe('Drills');
  expect(pageAt('/drills/redis-switch')?.title).toBe('Drills');
  expect(drillOrRunOf(runRoute('a/b', 'c').pathname)).toBe('a/b');
  expect(runRoute('a', 'b').query).toEqual({ with: 'b' });
});

test('a plan is linked with what was pointed at', () => {
  expect(drillRoute('redis-switch', { kind: 'redisNodes', id: 'results/127.0.1.1:6379' })).toEqual({
    pathname: '/drills/redis-switch',
    query: { aim: 'redisNodes/results/127.0.1.1:6379' },
  });
});
