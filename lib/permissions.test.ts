import { expect, test } from 'vitest';
import { DRILL_IDS, DRILL_RISK } from '#lib/model/drill.ts';
import {
  ACTION_IDS,
  ACTIONS,
  describeRefusal,
  FLOWER_SCOPE,
  type Identity,
  REFUSALS,
  ROLES,
  refusalOf,
  startActionOf,
} from './permissions.ts';

const open = { readOnly: false, disabled: [] };
const as = (role: Identity['role'], scopes: Identity['scopes'] = null): Identity => ({ name: 'x', role, scopes });

test('a viewer may do nothing, an admin everything, an operator exactly what the table gives them', () => {
  const allowed = (role: Identity['role']) => ACTION_IDS.filter((action) => refusalOf(as(role), action, open) === null);
  expect(allowed('viewer')).toEqual([]);
  expect(allowed('operator')).toEqual(ACTION_IDS.filter((action) => ACTIONS[action].role === 'operator'));
  expect(allowed('admin')).toEqual(ACTION_IDS);
});

test('a drill that breaks something on purpose needs an admin, every other one an operator', () => {
  for (const drill of DRILL_IDS) {
    const isForced = DRILL_RISK[drill] === 'forced';
    const refusals = ROLES.map((role) => refusalOf(as(role), startActionOf(drill), open));
    expect([drill, refusals]).toEqual([drill, ['ROLE_TOO_LOW', isForced ? 'ROLE_TOO_LOW' : null, null]]);
  }
  expect(startActionOf('redis-switch')).toBe('drill.run');
  expect(startActionOf('redis-crash')).toBe('drill.force');
});

test('read-only refuses everything that reaches outside of Trellis, and nothing else', () => {
  const locks = { ...open, readOnly: true };
  const refused = ACTION_IDS.filter((action) => refusalOf(as('admin'), action, locks) === 'READ_ONLY');
  expect(refused).toEqual(ACTION_IDS.filter((action) => ACTIONS[action].outside));
});

test('a disabled action is refused to everybody', () => {
  const locks = { ...open, disabled: ['task.send' as const] };
  expect(refusalOf(as('admin'), 'task.send', locks)).toBe('ACTION_DISABLED');
  expect(refusalOf(as('admin'), 'task.retry', locks)).toBeNull();
});

test('an action that needs credentials is refused where there are none, and not where nobody was asked', () => {
  expect(refusalOf(as('admin'), 'worker.pool', { ...open, acting: [] })).toBe('NO_CREDENTIALS');
  expect(refusalOf(as('admin'), 'worker.pool', { ...open, acting: ['rabbitmq'] })).toBeNull();
  expect(refusalOf(as('admin'), 'worker.pool', open)).toBeNull();
  expect(refusalOf(as('admin'), 'finding.acknowledge', { ...open, acting: [] })).toBeNull();
});

test('a limited token does what its scopes name and its role allows, no more', () => {
  expect(refusalOf(as('admin', ['task.retry']), 'task.retry', open)).toBeNull();
  expect(refusalOf(as('admin', ['task.retry']), 'task.send', open)).toBe('SCOPE_MISSING');
  expect(refusalOf(as('viewer', ['task.retry']), 'task.retry', open)).toBe('ROLE_TOO_LOW');
  expect(refusalOf(as('admin', []), 'task.retry', open)).toBe('SCOPE_MISSING');
  expect(refusalOf(as('admin', [FLOWER_SCOPE]), 'task.retry', open, FLOWER_SCOPE)).toBeNull();
  expect(refusalOf(as('admin', ['task.retry']), 'task.retry', open, FLOWER_SCOPE)).toBe('SCOPE_MISSING');
});

test('every refusal says what would allow it', () => {
  for (const refusal of REFUSALS)
    for (const action of ACTION_IDS)
      for (const role of ROLES) expect(describeRefusal(refusal, action, role)).toMatch(/\. \S.*\.$|; you are \w+\.$/);
});
