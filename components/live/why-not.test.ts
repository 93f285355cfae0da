import { expect, test } from 'vitest';
import type { Session } from '#lib/contract/session.ts';
import { ACTION_IDS, type Identity, type Locks, refusalOf } from '#lib/permissions.ts';
import { whyNot } from './why-not.ts';

const LOCKS: Locks = { readOnly: false, disabled: [], acting: ['rabbitmq'] };

function session(role: Identity['role'], locks: Partial<Locks> = {}): Session {
  const identity: Identity = { name: 'local', role, scopes: null };
  const all = { ...LOCKS, ...locks };
  const may = ACTION_IDS.map((action) => [action, refusalOf(identity, action, all)] as const);
  return { identity, locks: all, may: Object.fromEntries(may) as Session['may'] };
}

test('nothing is said while everything may be done', () => {
  expect(whyNot(session('admin'), ['worker.pool', 'worker.drain'])).toEqual([]);
});

test('a reason that holds for all is said once, without naming them', () => {
  expect(whyNot(session('admin', { readOnly: true }), ['worker.pool', 'worker.drain'])).toEqual([
    'Trellis is read-only. Set readOnly: false in trellis.yaml and start it again.',
  ]);
});

test('without credentials it is said which lines to add', () => {
  const [reason, ...more] = whyNot(session('admin', { acting: [] }), ['worker.pool', 'worker.drain']);
  expect(more).toEqual([]);
  expect(reason).toContain('acting: { rabbitmq: { user:');
});

test('a reason that holds for some names these', () => {
  expect(whyNot(session('operator'), ['worker.pool', 'worker.drain', 'worker.shutdown'])).toEqual([
    'Drain worker and Shut down worker: This needs the role admin; you are operator.',
  ]);
});
