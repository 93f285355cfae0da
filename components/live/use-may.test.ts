import { expect, test } from 'vitest';
import type { Session } from '#lib/contract/session.ts';
import { ACTION_IDS, type Refusal } from '#lib/permissions.ts';
import { mayOf } from './use-may.ts';

function sessionOf(refusal: Refusal | null): Session {
  const may = Object.fromEntries(ACTION_IDS.map((id) => [id, refusal])) as Session['may'];
  return {
    identity: { name: 'token:ci', role: 'viewer', scopes: null },
    locks: { readOnly: false, disabled: [] },
    may,
  };
}

test('a button stays closed until the server said that it may be pressed, and says why not', () => {
  expect(mayOf({ session: null, failed: null }, 'task.retry')).toEqual({ may: false, why: null });
  expect(mayOf({ session: null, failed: 'Trellis does not answer.' }, 'task.retry').why).toBe(
    'Trellis does not answer.',
  );
  expect(mayOf({ session: sessionOf(null), failed: null }, 'task.retry')).toEqual({ may: true, why: null });
  expect(mayOf({ session: sessionOf('ROLE_TOO_LOW'), failed: null }, 'task.retry')).toEqual({
    may: false,
    why: 'This needs the role operator; you are viewer.',
  });
});
