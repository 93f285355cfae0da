import { describe, expect, it } from 'vitest';
import { HOSTS, hostsOf, resolveTarget } from '#lab/layout.ts';
import { PLANTED_TABLE, type PlantedRow } from './drills-planted-table.ts';
import type { Roles } from './forecast-winners.ts';

const ROLES: readonly Roles[] = HOSTS.flatMap((master) =>
  HOSTS.flatMap((leader) => hostsOf('beat').map((holder) => ({ master, leader, holder }))),
);

it('no two weaknesses have the same name: runs are kept by it', () => {
  expect(new Set(PLANTED_TABLE.map(({ name }) => name)).size).toBe(PLANTED_TABLE.length);
});

describe.each(PLANTED_TABLE.map((row): [string, PlantedRow] => [row.name, row]))('%s', (_, row) => {
  it('keeps some drill from being started, and wants more said than that something is wrong', () => {
    expect(row.drills.length).toBeGreaterThan(0);
    expect(row.expected.names.length).toBeGreaterThan(1);
  });

  it('is planted on what is there, wherever the roles are', () => {
    for (const roles of ROLES) {
      const weakness = row.weakness(roles);
      if (weakness.kind !== 'faults') continue;
      expect(weakness.faults.length).toBeGreaterThan(0);
      for (const fault of weakness.faults) if (fault.verb !== 'maint') resolveTarget(fault.target);
    }
  });
});

it('leaves the beat that holds the lock, and a proxy its own server', () => {
  for (const roles of ROLES) {
    const faults = PLANTED_TABLE.flatMap(({ weakness }) => {
      const planted = weakness(roles);
      return planted.kind === 'faults' ? planted.faults : [];
    });
    const said = faults.map((fault) => (fault.verb === 'maint' ? `${fault.proxy} ${fault.server}` : fault.target));
    expect(said).not.toContain(`${roles.holder}/beat`);
    expect(said).not.toContain('host-1 amqp/rabbit-1');
  }
});
