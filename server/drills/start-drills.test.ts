/** What the configuration locks, and what stands in the audit of a run that is over. */
import { expect, test } from 'vitest';
import type { DrillId } from '#lib/model/drill.ts';
import type { Role } from '#lib/permissions.ts';
import { bench, start, until } from './drill-bench.ts';
import { endOf, lockOf } from './start-drills.ts';

async function endIn(drill: DrillId, role: Role) {
  const one = bench();
  await start(one, drill, 'run-1', role);
  await until(one.clock, () => one.ended.length > 0);
  const [run, by] = [one.ended[0], one.startedBy[0]];
  if (run === undefined || by === undefined) throw new Error('nobody was told');
  return endOf(run, by.role);
}

test('whoever disables drills disables all of them; whoever disables forced ones only these, at the gate', () => {
  expect(lockOf({ readOnly: false, disabled: [] })).toBeNull();
  expect(lockOf({ readOnly: false, disabled: ['drill.force'] })).toBeNull();
  expect(lockOf({ readOnly: false, disabled: ['drill.run'] })).toBe('drill.run is disabled in trellis.yaml.');
  expect(lockOf({ readOnly: true, disabled: [] })).toBe('Trellis is read-only.');
});

test('the end of a run stands in the audit with the action and the role that began it', async () => {
  const shared = { request: 'run-1', phase: 'after', actor: 'ada', reason: 'to see it' };
  const switched = {
    action: 'drill.run',
    role: 'operator',
    target: 'drills/redis-switch/results',
    outcome: 'verified',
  };
  expect(await endIn('redis-switch', 'operator')).toMatchObject({ ...shared, ...switched });
  expect(await endIn('redis-crash', 'admin')).toMatchObject({ ...shared, action: 'drill.force', role: 'admin' });
});
