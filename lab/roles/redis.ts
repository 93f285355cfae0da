/** Redis with replication, and the Sentinels that watch it. */
import { join } from 'node:path';
import { ADDRESSES, HOSTS, type Host, memberId, PORTS, REDIS_MASTER_NAME } from '#lab/layout.ts';
import { memberDir } from '#lab/paths.ts';
import type { Command, LabContext, LabFile, RoleSpec } from './role.ts';

/** A Redis data node; the one on host-1 is the first master. */
export const redisRole: RoleSpec = {
  restart: 'never',
  stopLimitMs: 5_000,
  files: (lab, host) => [configuration(lab, host, 'redis', redisLines(host))],
  command: (lab, host) => serverCommand(lab, host, 'redis', []),
};

/** A Sentinel; two of three must agree. */
export const sentinelRole: RoleSpec = {
  restart: 'never',
  stopLimitMs: 3_000,
  files: (lab, host) => [configuration(lab, host, 'sentinel', sentinelLines(host))],
  command: (lab, host) => serverCommand(lab, host, 'sentinel', ['--sentinel']),
};

function redisLines(host: Host): readonly string[] {
  const address = ADDRESSES[host];
  return [
    `bind ${address}`,
    // Without these two all three nodes look like 127.0.0.1 to each other.
    `bind-source-addr ${address}`,
    `replica-announce-ip ${address}`,
    `replica-announce-port ${PORTS.redis}`,
    `port ${PORTS.redis}`,
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'repl-diskless-sync yes',
    'repl-diskless-sync-delay 0',
    ...(host === HOSTS[0] ? [] : [`replicaof ${ADDRESSES[HOSTS[0]]} ${PORTS.redis}`]),
  ];
}

function sentinelLines(host: Host): readonly string[] {
  const address = ADDRESSES[host];
  return [
    `bind ${address}`,
    `bind-source-addr ${address}`,
    `port ${PORTS.sentinel}`,
    `sentinel announce-ip ${address}`,
    `sentinel announce-port ${PORTS.sentinel}`,
    `sentinel monitor ${REDIS_MASTER_NAME} ${ADDRESSES[HOSTS[0]]} ${PORTS.redis} 2`,
    `sentinel down-after-milliseconds ${REDIS_MASTER_NAME} 2000`,
    `sentinel failover-timeout ${REDIS_MASTER_NAME} 10000`,
    `sentinel parallel-syncs ${REDIS_MASTER_NAME} 1`,
  ];
}

function configuration(lab: LabContext, host: Host, role: 'redis' | 'sentinel', lines: readonly string[]): LabFile {
  const dir = memberDir(lab.paths, memberId(host, role));
  const common = [
    'daemonize no',
    'protected-mode no',
    'loglevel notice',
    `dir "${dir}"`,
    // Redis writes its title over its environment, where the lab's mark stands.
    'set-proc-title no',
  ];
  return { path: join(dir, `${role}.conf`), content: `${[...common, ...lines].join('\n')}\n` };
}

function serverCommand(lab: LabContext, host: Host, role: 'redis' | 'sentinel', more: readonly string[]): Command {
  const dir = memberDir(lab.paths, memberId(host, role));
  return { argv: ['redis-server', join(dir, `${role}.conf`), ...more], cwd: dir };
}
