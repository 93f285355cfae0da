import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupWorkers, workerGroupOf } from './worker-group.ts';

const GROUPS: readonly (readonly [name: string, group: string | null])[] = [
  ['celery@web-7f9c5d-abcde', 'celery@web-*'],
  ['celery@web-6d4b75cb6d-hxk2p', 'celery@web-*'],
  ['mail@orders-worker-5c7f8d9b4-zz2lq', 'mail@orders-worker-*'],
  ['celery@web-7f9c5d-abcde.jobs.svc', 'celery@web-*.jobs.svc'],
  ['celery@agent-x7k2d', 'celery@agent-*'],
  ['celery@3f2a9c81d0be', 'celery@*'],
  ['celery@ip-10-0-3-17.ec2.internal', 'celery@ip-*.ec2.internal'],
  ['celery@host-1', null],
  ['celery@worker-0', null],
  ['celery@mail-north', null],
  ['celery@big-machine-seven', null],
  ['celery@db-2024-north', null],
  ['celery@localhost', null],
  ['celery@decade', null],
  ['no-node-name', null],
];

test.each(GROUPS)('%s belongs to %s', (name, group) => {
  expect(workerGroupOf(name)).toBe(group);
});

test('pods of one deployment are one group, whatever their hashes are; a lone pod and a named host stay themselves', () => {
  const rows = [
    { id: 'celery@host-1' },
    { id: 'celery@web-6d4b75cb6d-hxk2p' },
    { id: 'celery@mail-7f9c5d8b4-zz2lq' },
    { id: 'celery@web-7b59f7d4c8-qw4rt' },
  ];
  expect(groupWorkers(rows)).toEqual([
    { name: null, rows: [rows[0]] },
    { name: 'celery@web-*', rows: [rows[1], rows[3]] },
    { name: null, rows: [rows[2]] },
  ]);
});

test('no worker is lost and none is shown twice', () => {
  const part = fc.constantFrom('web', 'mail', 'hxk2p', '7f9c5d8b4', '1', '3f2a9c81d0be', 'constructor');
  const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `celery@${parts.join('-')}`);
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 30 }), (names) => {
      const rows = names.map((id) => ({ id }));
      const grouped = groupWorkers(rows).flatMap((group) => group.rows.map(({ id }) => id));
      expect(grouped.sort()).toEqual([...names].sort());
    }),
    { seed: 1, numRuns: 300 },
  );
});
