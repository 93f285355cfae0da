import { createLoader, createSerializer } from 'nuqs';
import { expect, test } from 'vitest';
import { taskFilterSchema } from '#lib/contract/tasks.ts';
import { tasksRoute } from '#lib/routes.ts';
import { FILTER_PARSERS, filterBody, filterSearch, isFiltered, NO_FILTER, type TaskView } from './filter.ts';

const load = createLoader(FILTER_PARSERS);
const write = createSerializer(FILTER_PARSERS);
const EVERYTHING = load('');
const VIEW: TaskView = {
  ...{ q: 'name:a AND "b c"', state: ['FAILURE', 'RETRY'], name: ['lab.add', 'a,b&c'], worker: ['celery@host-1'] },
  ...{ queue: [], exception: ['ValueError'], root: 'r', range: null, from: 1_000, to: 2_000 },
  ...{ canaries: '1', sort: 'slowest' },
};
const NOW = 10_000_000;

test('a filter comes back from its URL, whatever its words contain', () => {
  expect(load(write(VIEW))).toEqual(VIEW);
});

test('no filter is no parameter', () => {
  expect(write('/tasks', EVERYTHING)).toBe('/tasks');
  expect(isFiltered(EVERYTHING)).toBe(false);
});

test('what is not known in a URL counts as not chosen', () => {
  expect(load('?state=EXPLODED&range=9y&from=soon&sort=random')).toEqual(EVERYTHING);
});

test('the API takes what the filter asks', () => {
  const search = filterSearch(VIEW, NOW);
  const given = Object.fromEntries(
    [...new Set(search.keys())].map((key) => {
      const isList = ['state', 'name', 'worker', 'queue', 'exception'].includes(key);
      return [key, isList ? search.getAll(key) : search.get(key)];
    }),
  );
  expect(taskFilterSchema.parse(given)).toEqual({
    ...{ q: VIEW.q, state: VIEW.state, name: VIEW.name, worker: VIEW.worker, exception: VIEW.exception },
    ...{ root: 'r', from: 1_000, to: 2_000, canaries: '1' },
  });
});

test('a sliding stretch is asked for as of now, with an open end', () => {
  const search = filterSearch({ ...EVERYTHING, range: '15m' }, NOW);
  expect([...search]).toEqual([['from', String(NOW - 900_000)]]);
});

test('a search of blanks is none', () => {
  expect(filterSearch({ ...EVERYTHING, q: '  ' }, NOW).size).toBe(0);
});

test('every single choice counts as a filter, and "show everything" takes it back', () => {
  const choices: Partial<TaskView>[] = [
    ...[{ q: 'abc' }, { state: ['RETRY' as const] }, { name: ['a'] }, { worker: ['a'] }, { queue: ['a'] }],
    ...[{ exception: ['a'] }, { root: 'a' }, { range: '1h' as const }, { from: 1 }, { to: 1 }],
  ];
  for (const choice of choices) {
    expect(isFiltered({ ...EVERYTHING, ...choice })).toBe(true);
    expect(Object.keys(NO_FILTER)).toContain(Object.keys(choice)[0]);
  }
});

test('a link from another page is understood', () => {
  const { query } = tasksRoute({ state: 'FAILURE', exception: 'ValueError', name: 'lab.fail', range: '6h' });
  expect(load(query)).toEqual({
    ...EVERYTHING,
    ...{ state: ['FAILURE'], exception: ['ValueError'], name: ['lab.fail'], range: '6h' },
  });
});

test('a bulk action is about the same tasks as the list, and a sliding stretch stands still in it', () => {
  expect(taskFilterSchema.parse(filterBody(VIEW, NOW))).toEqual(filterBody(VIEW, NOW));
  const sliding: TaskView = { ...EVERYTHING, range: '15m' };
  for (const view of [VIEW, sliding, EVERYTHING]) {
    const body = Object.entries(filterBody(view, NOW)).flatMap(([key, value]) =>
      [value].flat().map((one) => [key, String(one)]),
    );
    expect(body.sort()).toEqual([...filterSearch(view, NOW)].sort());
  }
});
