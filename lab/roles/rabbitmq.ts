/** RabbitMQ: one node per host, one cluster, every classic queue mirrored to all nodes. */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ADDRESSES, distributionPort, HOSTS, type Host, memberId, PORTS, rabbitNode } from '#lab/layout.ts';
import { memberDir } from '#lab/paths.ts';
import type { Command, LabContext, LabFile, RoleSpec } from './role.ts';

/** Debian's wrapper in /usr/sbin switches to the user `rabbitmq`; this is the script behind it. */
export const RABBITMQ_SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';

const OWN_QUEUES = '^(celeryev\\.)?trellis';

/**
 * RabbitMQ's part of a host. As Debian's unit (`Restart=on-failure`): nodes that start in the same moment may fail while they agree on
 * feature flags (3.10: `incompatible_feature_flags … badmap`).
 */
export const rabbitmqRole: RoleSpec = { restart: 'on-error', stopLimitMs: 20_000, files, command };

function files(lab: LabContext, host: Host): readonly LabFile[] {
  const dir = memberDir(lab.paths, memberId(host, 'rabbitmq'));
  return [
    { path: join(dir, 'rabbitmq.conf'), content: configuration(dir, host) },
    { path: join(dir, 'enabled_plugins'), content: '[rabbitmq_management,rabbitmq_event_exchange].\n' },
    { path: join(dir, 'definitions.json'), content: `${JSON.stringify(definitions(lab), null, 2)}\n` },
    { path: join(dir, 'inetrc'), content: inetrc() },
    { path: join(dir, '.erlang.cookie'), content: lab.secret('erlang-cookie'), mode: 0o400 },
  ];
}

function configuration(dir: string, host: Host): string {
  const address = ADDRESSES[host];
  return [
    `listeners.tcp.1 = ${address}:${PORTS.amqp}`,
    `management.tcp.ip = ${address}`,
    `management.tcp.port = ${PORTS.management}`,
    'cluster_partition_handling = pause_minority',
    'cluster_formation.peer_discovery_backend = classic_config',
    ...HOSTS.map((peer, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${rabbitNode(peer)}`),
    'definitions.import_backend = local_filesystem',
    `definitions.local.path = ${join(dir, 'definitions.json')}`,
    // A node that comes back must not undo what an operator changed in the meantime.
    'definitions.skip_if_unchanged = true',
    'log.file = false',
    'log.console = true',
    'log.console.level = info',
    'log.console.use_colors = off',
    'disk_free_limit.absolute = 100MB',
    '',
  ].join('\n');
}

function definitions(lab: LabContext): unknown {
  const user = (name: 'app' | 'trellis-read' | 'trellis-act', tags: string) => ({
    name,
    password_hash: passwordHash(lab.secret(name)),
    hashing_algorithm: 'rabbit_password_hashing_sha256',
    tags,
  });
  const permission = (name: string, configure: string, write: string, read: string) => ({
    user: name,
    vhost: '/',
    configure,
    write,
    read,
  });
  return {
    users: [user('app', ''), user('trellis-read', 'monitoring'), user('trellis-act', 'administrator')],
    vhosts: [{ name: '/' }],
    permissions: [
      permission('app', '.*', '.*', '.*'),
      // May read the event exchanges into queues of its own, and nothing else.
      permission('trellis-read', OWN_QUEUES, OWN_QUEUES, `${OWN_QUEUES}|^(celeryev|amq\\.rabbitmq\\.event)$`),
      permission('trellis-act', '.*', '.*', '.*'),
    ],
    policies: [
      {
        vhost: '/',
        name: 'ha-all',
        pattern: '.*',
        'apply-to': 'queues',
        definition: { 'ha-mode': 'all', 'ha-sync-mode': 'automatic' },
        priority: 0,
      },
    ],
  };
}

/** RabbitMQ's salted SHA-256 form, so that no file but the secret itself holds a password. */
function passwordHash(password: string): string {
  const salt = randomBytes(4);
  const digest = createHash('sha256')
    .update(Buffer.concat([salt, Buffer.from(password)]))
    .digest();
  return Buffer.concat([salt, digest]).toString('base64');
}

/** Lets Erlang resolve the host names without /etc/hosts. */
function inetrc(): string {
  const hosts = HOSTS.map((host) => `{host, {${ADDRESSES[host].replaceAll('.', ',')}}, ["${host}"]}.`);
  return ['{lookup, [file]}.', '{host, {127,0,0,1}, ["localhost"]}.', ...hosts, ''].join('\n');
}

function command(lab: LabContext, host: Host): Command {
  const dir = memberDir(lab.paths, memberId(host, 'rabbitmq'));
  const dist = distributionPort(host);
  return {
    argv: [RABBITMQ_SERVER],
    cwd: dir,
    env: {
      ...epmdEnvironment(),
      HOME: dir,
      // The script then becomes the Erlang VM instead of waiting for it, so signals and exit codes are the node's own.
      detached: 'true',
      ERL_INETRC: join(dir, 'inetrc'),
      ERL_CRASH_DUMP_SECONDS: '0',
      RABBITMQ_NODENAME: rabbitNode(host),
      RABBITMQ_DIST_PORT: String(dist),
      RABBITMQ_CONF_ENV_FILE: join(dir, 'no-environment-file'),
      RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq.conf'),
      RABBITMQ_ADVANCED_CONFIG_FILE: join(dir, 'no-advanced.config'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'enabled_plugins'),
      RABBITMQ_MNESIA_BASE: join(dir, 'mnesia'),
      RABBITMQ_LOG_BASE: join(dir, 'log'),
      RABBITMQ_PID_FILE: join(dir, 'pid'),
      RABBITMQ_GENERATED_CONFIG_DIR: join(dir, 'generated'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
        `-start_epmd false -kernel inet_dist_use_interface {${ADDRESSES[host].replaceAll('.', ',')}} ` +
        `-kernel inet_dist_listen_min ${dist} -kernel inet_dist_listen_max ${dist}`,
    },
  };
}

/** How to start the lab's epmd: bound to the lab's addresses (and, as always, 127.0.0.1). */
export function epmdCommand(): Command {
  return { argv: ['epmd'], env: epmdEnvironment() };
}

/** What every Erlang program of the lab must know to find its epmd, which is the member `lab/epmd`. */
function epmdEnvironment(): Readonly<Record<string, string>> {
  return { ERL_EPMD_PORT: String(PORTS.epmd), ERL_EPMD_ADDRESS: HOSTS.map((host) => ADDRESSES[host]).join(',') };
}
