import { expect, test } from 'vitest';
import { PAGES, pageAt, taskIdOf, taskRoute, tasksRoute } from './routes.ts';

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
