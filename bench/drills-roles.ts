/** Who has which role while a drill runs, by the backends' own word. */
import { HOSTS, type Host, QUEUE } from '#lab/layout.ts';
import { beatHolder, consulLeader } from '#lab/probes/consul.ts';
import { masterHost } from '#lab/probes/redis.ts';
import type { LabContext } from '#lab/roles/role.ts';
import { pollEvery } from './clock.ts';
import type { RolesByName } from './drills-table.ts';
import { hostOfNode } from './findings-table.ts';
import { queueLeader, servingOf } from './forecast-winners.ts';
import { askHaproxy } from './witness-proxy.ts';

const LOOK_MS = 1_000;

/** A watch over the roles. */
export type RoleWatch = {
  readonly before: RolesByName;
  /** Everybody who has had each role so far, in order. */
  readonly during: () => Record<string, Host[]>;
  readonly end: () => void;
};

/** Looks once, and then every second. */
export async function watchRoles(lab: LabContext): Promise<RoleWatch> {
  const before = await lookAtRoles(lab);
  const during: Record<string, Host[]> = {};
  const note = (roles: RolesByName) => {
    for (const [name, host] of Object.entries(roles)) {
      const had = during[name] ?? [];
      during[name] = host === null || had.includes(host) ? had : [...had, host];
    }
  };
  note(before);
  return { before, during: () => during, end: pollEvery(LOOK_MS, async () => note(await lookAtRoles(lab))) };
}

/** Each by itself: while one is vacant, or nobody tells, the others go on. */
async function lookAtRoles(lab: LabContext): Promise<RolesByName> {
  const looks: [string, () => Promise<Host>][] = [
    ['master', masterHost],
    ['leader', consulLeader],
    ['holder', beatHolder],
    ['queue', async () => hostOfNode(await queueLeader(lab, HOSTS, QUEUE))],
    ...HOSTS.map((host): [string, () => Promise<Host>] => [`entrance ${host}`, () => servingHost(host)]),
  ];
  return Object.fromEntries(
    await Promise.all(looks.map(async ([name, look]) => [name, await look().catch(() => null)] as const)),
  );
}

/** The host of the broker that a host's proxy sends to. @throws Error where there is none */
async function servingHost(proxy: Host): Promise<Host> {
  const server = servingOf(await askHaproxy(proxy, 'show stat'));
  const host = HOSTS[Number(server?.replace('rabbit-', '')) - 1];
  if (host === undefined) throw new Error(`the proxy on ${proxy} sends to nobody`);
  return host;
}
