/** The drills' section of the lab's `trellis.yaml`: how a process of the lab is killed, started, frozen and let go. Pure. */
import { join } from 'node:path';
import type { Role } from './layout.ts';
import { LAB_CODE_DIR, type LabPaths } from './paths.ts';

const VERBS = ['kill', 'start', 'pause', 'resume'] as const;

/** Trellis's kind of thing to the role that plays it here; a whole host has none. */
const ROLES: Readonly<Record<string, Role | null>> = {
  hosts: null,
  brokerNodes: 'rabbitmq',
  redisNodes: 'redis',
  proxies: 'haproxy',
  consulServers: 'consul',
  beats: 'beat',
  workers: 'worker',
};

/** What stands under `drills:`; `node` is the program that runs the lab's command line. */
export function drillsSection(paths: LabPaths, node: string): unknown {
  const cli = join(LAB_CODE_DIR, 'cli.ts');
  const command = Object.entries(ROLES).map(([kind, role]) => {
    const target = role === null ? '{host}' : `{host}/${role}`;
    return [kind, Object.fromEntries(VERBS.map((verb) => [verb, [node, cli, verb, target, '--dir', paths.root]]))];
  });
  return { executor: { command: Object.fromEntries(command) } };
}
