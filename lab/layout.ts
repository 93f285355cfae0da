/** The lab's fixed plan: which role runs on which host, at which addresses, and in which order things start and end. Pure. */

/** The three hosts; each is a loopback address with standard ports of its own. */
export const HOSTS = ['host-1', 'host-2', 'host-3'] as const;
/** A host's name. */
export type Host = (typeof HOSTS)[number];

/** The roles that hosts carry, lowest layer first. */
export const ROLES = ['rabbitmq', 'redis', 'sentinel', 'haproxy', 'consul', 'worker', 'beat', 'traffic'] as const;
/** A role's name. */
export type Role = (typeof ROLES)[number];

/** Erlang's port mapper belongs to no host: it outlives the nodes and is shared by all three. */
export const EPMD = 'lab/epmd';
/** One supervised process: `host-1/rabbitmq`, or `lab/epmd`. */
export type MemberId = `${Host}/${Role}` | typeof EPMD;

/** Where each host listens. */
export const ADDRESSES: Readonly<Record<Host, string>> = {
  'host-1': '127.0.1.1',
  'host-2': '127.0.1.2',
  'host-3': '127.0.1.3',
};

/** TCP ports, the same on every host except RabbitMQ's distribution, which the one epmd must tell apart. */
export const PORTS = {
  amqp: 5672,
  management: 15672,
  redis: 6379,
  sentinel: 26379,
  proxyAmqp: 5670,
  proxyRedis: 6380,
  proxyStats: 8404,
  proxySocket: 9999,
  consulHttp: 8500,
  consulServer: 8300,
  consulSerf: 8301,
  /** Not 4369: a system epmd that some package left running must not be in the way. */
  epmd: 4370,
} as const;

/** The name under which the Sentinels watch the result store. */
export const REDIS_MASTER_NAME = 'results';
/** The Consul prefix of the beat lock; the key itself is `<prefix>/.lock`. */
export const BEAT_LOCK = 'celery/beat';
/** The name of every session that holds, or waits for, the beat lock. */
export const BEAT_SESSION_NAME = 'celery-beat';
/** The queue that all workers consume. */
export const QUEUE = 'celery';

const DISTRIBUTION_PORT_BASE = 25671;
const HOSTS_OF_ROLE: Readonly<Record<Role, readonly Host[]>> = {
  rabbitmq: HOSTS,
  redis: HOSTS,
  sentinel: HOSTS,
  haproxy: HOSTS,
  consul: HOSTS,
  worker: HOSTS,
  beat: ['host-1', 'host-2'],
  traffic: ['host-1'],
};

/** The hosts that carry a role. */
export function hostsOf(role: Role): readonly Host[] {
  return HOSTS_OF_ROLE[role];
}

/** A host's number, from 1. */
export function numberOf(host: Host): number {
  return HOSTS.indexOf(host) + 1;
}

/** RabbitMQ's node name, `rabbit-1@host-1`. */
export function rabbitNode(host: Host): string {
  return `rabbit-${numberOf(host)}@${host}`;
}

/** RabbitMQ's distribution port. */
export function distributionPort(host: Host): number {
  return DISTRIBUTION_PORT_BASE + numberOf(host);
}

/** The member of a role on a host. */
export function memberId(host: Host, role: Role): MemberId {
  return `${host}/${role}`;
}

/** Every member, in the order of hosts and layers. */
export const MEMBERS: readonly MemberId[] = [
  EPMD,
  ...HOSTS.flatMap((host) => ROLES.filter((role) => hostsOf(role).includes(host)).map((role) => memberId(host, role))),
];

/** Host and role of a member, `undefined` for epmd. */
export function placeOf(id: MemberId): { host: Host; role: Role } | undefined {
  if (id === EPMD) return undefined;
  const [host, role] = id.split('/') as [Host, Role];
  return { host, role };
}

/** The sockets on which a member listens: purpose → `address:port`. */
export function endpointsOf(id: MemberId): Readonly<Record<string, string>> {
  const place = placeOf(id);
  if (place === undefined) {
    const all = ['127.0.0.1', ...HOSTS.map((host) => ADDRESSES[host])];
    return Object.fromEntries(all.map((address, index) => [`epmd-${index}`, `${address}:${PORTS.epmd}`]));
  }
  return Object.fromEntries(
    Object.entries(portsOf(place.host, place.role)).map(([name, port]) => [name, `${ADDRESSES[place.host]}:${port}`]),
  );
}

function portsOf(host: Host, role: Role): Readonly<Record<string, number>> {
  switch (role) {
    case 'rabbitmq':
      return { amqp: PORTS.amqp, management: PORTS.management, distribution: distributionPort(host) };
    case 'redis':
      return { redis: PORTS.redis };
    case 'sentinel':
      return { sentinel: PORTS.sentinel };
    case 'haproxy':
      return {
        amqp: PORTS.proxyAmqp,
        redis: PORTS.proxyRedis,
        stats: PORTS.proxyStats,
        socket: PORTS.proxySocket,
      };
    case 'consul':
      return { http: PORTS.consulHttp, server: PORTS.consulServer, serf: PORTS.consulSerf };
    case 'worker':
    case 'beat':
    case 'traffic':
      return {};
  }
}

/**
 * The order in which the lab ends: top-down, so that nothing loses what it stands on; brokers one by one, because the
 * last one to stop must be able to hand over.
 */
export const DOWN_ORDER: readonly (readonly MemberId[])[] = [
  all('traffic'),
  all('beat'),
  all('worker'),
  all('haproxy'),
  [...all('sentinel'), ...all('consul')],
  all('redis'),
  ...[...all('rabbitmq')].reverse().map((id) => [id]),
  [EPMD],
];

function all(role: Role): readonly MemberId[] {
  return hostsOf(role).map((host) => memberId(host, role));
}

/**
 * The members that a target names: `host-1`, `host-1/redis` or `lab/epmd`.
 * @throws Error that lists what can be named.
 */
export function resolveTarget(target: string): readonly MemberId[] {
  const exact = MEMBERS.find((id) => id === target);
  if (exact !== undefined) return [exact];
  if ((HOSTS as readonly string[]).includes(target)) return MEMBERS.filter((id) => id.startsWith(`${target}/`));
  const [host, role] = target.split('/');
  if (role !== undefined && (HOSTS as readonly string[]).includes(host ?? '')) {
    const carried = resolveTarget(host as Host).map((id) => id.split('/')[1]);
    throw new Error(`${host} has no "${role}". It carries: ${carried.join(', ')}`);
  }
  throw new Error(
    `No such target: "${target}". Name a host (${HOSTS.join(', ')}) or a process (host-1/redis, ${EPMD})`,
  );
}
