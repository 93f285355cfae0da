import { describe, expect, it } from 'vitest';
import { HOSTS, hostsOf, resolveTarget } from '#lab/layout.ts';
import { FAULT_TABLE, type FaultRow, type Roles } from './findings-table.ts';

const ROLES: readonly Roles[] = HOSTS.flatMap((master) =>
  HOSTS.flatMap((leader) => hostsOf('beat').flatMap((holder) => HOSTS.map((led) => ({ master, leader, holder, led })))),
);
const rows: [string, FaultRow][] = FAULT_TABLE.map((row) => [row.name, row]);

it('no two faults have the same name: rows are kept by it', () => {
  expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length);
});

it('kills and pauses every role', () => {
  for (const role of ['rabbitmq', 'redis', 'sentinel', 'haproxy', 'consul', 'worker', 'beat']) {
    const verbs = FAULT_TABLE.flatMap(({ faults }) => faults(ROLES[0] as Roles))
      .filter((fault) => fault.verb !== 'maint' && fault.target.endsWith(`/${role}`))
      .map(({ verb }) => verb);
    expect(verbs, role).toContain('pause');
    expect(verbs.includes('kill') || verbs.includes('stop'), role).toBe(true);
  }
});

describe.each(rows)('%s', (_, { faults, expected }) => {
  it('hits what is there, and nothing twice, wherever the roles are', () => {
    for (const roles of ROLES) {
      const targets = faults(roles).map((fault) => (fault.verb === 'maint' ? fault.server : fault.target));
      expect(new Set(targets).size).toBe(targets.length);
      for (const fault of faults(roles)) if (fault.verb !== 'maint') resolveTarget(fault.target);
    }
  });

  it('expects no finding both ways, and a root for every consequence', () => {
    for (const roles of ROLES) {
      const all = expected(roles);
      const needed = all.filter(({ optional }) => !optional);
      expect(new Set(needed.map(({ code, subject }) => `${code} ${subject}`)).size).toBe(needed.length);
      if (needed.some(({ standing }) => standing === 'consequence')) {
        expect(needed.some(({ standing }) => standing === 'root')).toBe(true);
      }
    }
  });
});
