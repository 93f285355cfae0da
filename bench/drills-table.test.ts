import { describe, expect, it } from 'vitest';
import { HOSTS, hostsOf, rabbitNode } from '#lab/layout.ts';
import { DRILL_IDS, DRILL_PATHS, type DrillId } from '#lib/model/drill.ts';
import { CANDIDATES, DRILL_TABLE, type DrillRow, limitOf, MOVING_ROLES, roleName, struckHost } from './drills-table.ts';
import { partId } from './findings-subjects.ts';

const rowOf = (drill: DrillId) => DRILL_TABLE.find((row) => row.drill === drill) as DrillRow;
const before = { master: 'host-1', leader: 'host-2', holder: 'host-2', queue: 'host-3' } as const;

it('has one hypothesis for every drill, in the order of the catalog', () => {
  expect(DRILL_TABLE.map(({ drill }) => drill)).toEqual(DRILL_IDS);
});

describe.each(DRILL_TABLE.map((row): [string, DrillRow] => [row.drill, row]))('%s', (_, row) => {
  it('promises that no task is lost, and says why where anything else may be', () => {
    expect(row.lost).toBe(0);
    expect(row.because !== null).toBe(row.repeated + row.resultsLost > 0);
  });

  it('gives every path a limit that can be measured, and the schedule no less where the lock goes, too', () => {
    for (const path of DRILL_PATHS) expect(row.outageMs[path]).toBeGreaterThanOrEqual(1_000);
    expect(row.lockOutageMs ?? row.outageMs.schedule).toBeGreaterThanOrEqual(row.outageMs.schedule);
  });
});

it('leaves another candidate for every role that a drill takes from a host', () => {
  for (const role of MOVING_ROLES)
    for (const struck of CANDIDATES[role]) expect(CANDIDATES[role].some((host) => host !== struck)).toBe(true);
});

describe('the host that a drill strikes', () => {
  it.each(HOSTS)('is read from what it is aimed at: %s', (host) => {
    expect(struckHost(rowOf('broker-crash'), rabbitNode(host), before)).toBe(host);
    expect(struckHost(rowOf('worker-crash'), partId('worker', host), before)).toBe(host);
    expect(struckHost(rowOf('proxy-crash'), partId('haproxy', host), before)).toBe(host);
    expect(struckHost(rowOf('consul-leader'), partId('consul', host), before)).toBe(host);
    expect(struckHost(rowOf('host-crash'), host, before)).toBe(host);
  });

  it('is who has the role where a service or a queue is aimed at', () => {
    expect(struckHost(rowOf('redis-crash'), 'results', before)).toBe('host-1');
    expect(struckHost(rowOf('queue-leader-move'), '/:celery', before)).toBe('host-3');
  });

  it('is none where nothing moves, and cannot be told while the role is vacant', () => {
    expect(struckHost(rowOf('queue-sync'), '/:celery', before)).toBeNull();
    expect(struckHost(rowOf('redis-crash'), 'results', { ...before, master: null })).toBeNull();
  });
});

it('allows the schedule more only where the host that is struck holds the lock', () => {
  const row = rowOf('consul-leader');
  expect(limitOf(row, 'schedule', 'host-2', before)).toBe(row.lockOutageMs);
  expect(limitOf(row, 'schedule', 'host-1', before)).toBe(row.outageMs.schedule);
  expect(limitOf(row, 'schedule', null, { holder: null })).toBe(row.outageMs.schedule);
  expect(limitOf(row, 'execute', 'host-2', before)).toBe(row.outageMs.execute);
});

it('strikes a host of its own that is neither the only entrance nor without a beat', () => {
  const { target } = rowOf('host-crash');
  expect(hostsOf('traffic')).not.toContain(target);
  expect(hostsOf('beat')).toContain(target);
});

it('names an entrance by the proxy', () => {
  expect(roleName('entrance', 'host-2')).toBe('entrance host-2');
  expect(roleName('master', 'host-2')).toBe('master');
});
