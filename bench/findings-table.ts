/** The table: which fault of the lab gives which findings, and which of them is the root. Pure. */
import type { Target } from '#lab/control.ts';
import { HOSTS, type Host, hostsOf, memberId, type Role, rabbitNode } from '#lab/layout.ts';
import { subjectOf } from './findings-subjects.ts';
import type { Expected, Standing } from './findings-verdict.ts';

/** Who had which role when the fault came. */
export type Roles = {
  /** Of the Redis master. */
  readonly master: Host;
  /** Of the Consul leader. */
  readonly leader: Host;
  /** Of the beat that holds the lock. */
  readonly holder: Host;
  /** Of the broker node that leads the tasks' queue. */
  readonly led: Host;
};

/** What is done: to a process or host, or to a server in one HAProxy. */
export type Fault =
  | { readonly verb: 'kill' | 'pause' | 'stop'; readonly target: Target }
  | { readonly verb: 'maint'; readonly proxy: Host; readonly server: string };

/** One fault, and what it gives. */
export type FaultRow = {
  readonly name: string;
  readonly faults: (roles: Roles) => readonly Fault[];
  readonly expected: (roles: Roles) => readonly Expected[];
};

const CLUSTER = 'brokerClusters/rabbitmq';
const RESULTS = 'redisServices/results';
const CONSUL = 'coordinators/consul';
const LOCK = 'locks/beat';

const told =
  (standing: Standing) =>
  (code: string, subject: string): Expected => ({ code, subject, standing });
const root = told('root');
const follows = told('consequence');
const either = told('either');
const maybe = (code: string, subject: string): Expected => ({ ...either(code, subject), optional: true });

const kill = (host: Host, role: Role): Fault => ({ verb: 'kill', target: memberId(host, role) });
const pause = (host: Host, role: Role): Fault => ({ verb: 'pause', target: memberId(host, role) });
/** A beat that is killed is back after a second. */
const stop = (host: Host, role: Role): Fault => ({ verb: 'stop', target: memberId(host, role) });

/** The last host that is none of these: host-3 carries neither beat nor traffic. */
const besides = (...hosts: readonly Host[]) => HOSTS.findLast((host) => !hosts.includes(host)) as Host;
const standbyOf = ({ holder }: Roles) => hostsOf('beat').find((host) => host !== holder) as Host;

/** The lock is free for seconds while it changes hands. */
const lockMoves = [maybe('LockFree', LOCK), maybe('NoStandbyBeat', LOCK)];

const brokerKilled = (host: Host): Expected[] => [
  root('BrokerNodeDown', subjectOf(host, 'rabbitmq')),
  ...brokerGone(host),
];
const brokerGone = (host: Host): Expected[] => [
  follows('QueueMissingCopies', CLUSTER),
  follows('ProxyOnBackup', subjectOf(host, 'haproxy')),
  // Until it has found the way to another node.
  maybe('WorkerGone', subjectOf(host, 'worker')),
];

/** Its peers and the proxies' TCP checks go on calling it well for about a minute. */
const brokerHangs = (host: Host, { led }: Roles): Expected[] => [
  root('BrokerNodeHung', subjectOf(host, 'rabbitmq')),
  ...hungQueues(host, led),
];
const othersOf = (host: Host) => HOSTS.filter((other) => other !== host);
const hungQueues = (host: Host, led: Host): Expected[] => [
  led === host ? follows('QueueWithoutLeader', CLUSTER) : follows('QueueMissingCopies', CLUSTER),
  led === host ? maybe('QueueMissingCopies', CLUSTER) : maybe('QueueWithoutLeader', CLUSTER),
  ...['QueueWithoutConsumers', 'QueueSilent'].map((code) => maybe(code, CLUSTER)),
  maybe('WorkerGone', subjectOf(host, 'worker')),
  maybe('EndpointSilent', 'endpoints/rabbitmq/cluster'),
  // A TCP check does not see it.
  maybe('ProxyOnBackup', subjectOf(host, 'haproxy')),
  maybe('ProxyOnDeadServer', subjectOf(host, 'haproxy')),
  // One node that hangs makes the management API of every node hang.
  ...othersOf(host).map((other) => maybe('BrokerNodeUnreachable', subjectOf(other, 'rabbitmq'))),
];

const redisDown = (host: Host): Expected[] => [root('RedisNodeDown', subjectOf(host, 'redis'))];
const sentinelDown = (host: Host) => root('SentinelDown', subjectOf(host, 'sentinel'));

const proxyKilled = (host: Host): Expected[] => [
  root('ProxyDown', subjectOf(host, 'haproxy')),
  follows('WorkerGone', subjectOf(host, 'worker')),
];

const consulDown = (host: Host): Expected[] => [
  root('ConsulServerDown', subjectOf(host, 'consul')),
  follows('ConsulNoTolerance', CONSUL),
  maybe('ConsulUnreachable', subjectOf(host, 'consul')),
  maybe('ConsulLeaderDisputed', CONSUL),
  ...sessionsLost(host),
];
/** The sessions of an agent's host end with it; `consul lock` elsewhere may lose its own when the leader changes. */
const sessionsLost = (host: Host): Expected[] =>
  hostsOf('beat').includes(host) ? [follows('NoStandbyBeat', LOCK), maybe('LockFree', LOCK)] : lockMoves;

const workerKilled = (host: Host) => root('WorkerGone', subjectOf(host, 'worker'));
const standbyLost: readonly Expected[] = [root('NoStandbyBeat', LOCK), maybe('LockFree', LOCK)];

/** What ends with a host whatever way it fails. */
const onHost = (host: Host): Expected[] => [
  root('HostDown', subjectOf(host)),
  follows('RedisNodeDown', subjectOf(host, 'redis')),
  follows('SentinelDown', subjectOf(host, 'sentinel')),
  follows('ConsulServerDown', subjectOf(host, 'consul')),
];
const beatOfHost = (host: Host): Expected[] =>
  hostsOf('beat').includes(host) ? [follows('NoStandbyBeat', LOCK), maybe('LockFree', LOCK)] : lockMoves;

const SINGLE: readonly FaultRow[] = [
  {
    name: 'rabbitmq killed',
    faults: () => [kill('host-3', 'rabbitmq')],
    expected: () => brokerKilled('host-3'),
  },
  {
    name: 'rabbitmq paused, leads no task queue',
    faults: ({ led }) => [pause(besides(led), 'rabbitmq')],
    expected: (roles) => brokerHangs(besides(roles.led), roles),
  },
  {
    name: 'rabbitmq paused, leads the task queue',
    faults: ({ led }) => [pause(led, 'rabbitmq')],
    expected: (roles) => brokerHangs(roles.led, roles),
  },
  {
    name: 'redis replica killed',
    faults: ({ master }) => [kill(besides(master), 'redis')],
    expected: ({ master }) => redisDown(besides(master)),
  },
  {
    name: 'redis replica paused',
    faults: ({ master }) => [pause(besides(master), 'redis')],
    expected: ({ master }) => redisDown(besides(master)),
  },
  {
    name: 'redis master killed',
    faults: ({ master }) => [kill(master, 'redis')],
    expected: ({ master }) => redisDown(master),
  },
  {
    name: 'redis master paused',
    faults: ({ master }) => [pause(master, 'redis')],
    expected: ({ master }) => redisDown(master),
  },
  {
    name: 'sentinel killed',
    faults: () => [kill('host-3', 'sentinel')],
    expected: () => [sentinelDown('host-3')],
  },
  {
    name: 'sentinel paused',
    faults: () => [pause('host-3', 'sentinel')],
    expected: () => [sentinelDown('host-3')],
  },
  {
    name: 'haproxy killed',
    faults: () => [kill('host-3', 'haproxy')],
    expected: () => proxyKilled('host-3'),
  },
  {
    // Nobody but Trellis asks a proxy: whether it hangs or is cut off from Trellis alone cannot be told.
    name: 'haproxy paused',
    faults: () => [pause('host-3', 'haproxy')],
    expected: () => [
      root('EndpointSilent', 'endpoints/haproxy/haproxy-3'),
      maybe('WorkerGone', subjectOf('host-3', 'worker')),
    ],
  },
  {
    name: 'consul follower killed',
    faults: ({ leader }) => [kill(besides(leader), 'consul')],
    expected: ({ leader }) => consulDown(besides(leader)),
  },
  {
    name: 'consul follower paused',
    faults: ({ leader }) => [pause(besides(leader), 'consul')],
    expected: ({ leader }) => consulDown(besides(leader)),
  },
  {
    name: 'consul leader killed',
    faults: ({ leader }) => [kill(leader, 'consul')],
    expected: ({ leader }) => consulDown(leader),
  },
  {
    name: 'consul leader paused',
    faults: ({ leader }) => [pause(leader, 'consul')],
    expected: ({ leader }) => consulDown(leader),
  },
  {
    name: 'worker killed',
    faults: () => [kill('host-3', 'worker')],
    expected: () => [workerKilled('host-3')],
  },
  {
    // Its connection stays, and only the broker's heartbeat would tell, after minutes.
    name: 'worker paused',
    faults: () => [pause('host-3', 'worker')],
    expected: () => [maybe('WorkerGone', subjectOf('host-3', 'worker'))],
  },
  {
    name: 'beat holder stopped',
    faults: ({ holder }) => [stop(holder, 'beat')],
    expected: () => standbyLost,
  },
  {
    name: 'beat holder paused',
    faults: ({ holder }) => [pause(holder, 'beat')],
    expected: () => standbyLost,
  },
  {
    name: 'beat standby stopped',
    faults: (roles) => [stop(standbyOf(roles), 'beat')],
    expected: () => standbyLost,
  },
  {
    name: 'beat standby paused',
    faults: (roles) => [pause(standbyOf(roles), 'beat')],
    expected: () => standbyLost,
  },
  {
    name: 'host killed',
    faults: () => [{ verb: 'kill', target: 'host-2' }],
    expected: () => [
      ...onHost('host-2'),
      follows('BrokerNodeDown', subjectOf('host-2', 'rabbitmq')),
      follows('QueueMissingCopies', CLUSTER),
      follows('ProxyDown', subjectOf('host-2', 'haproxy')),
      follows('ConsulNoTolerance', CONSUL),
      follows('WorkerGone', subjectOf('host-2', 'worker')),
      ...beatOfHost('host-2'),
    ],
  },
  {
    name: 'host paused',
    faults: () => [{ verb: 'pause', target: 'host-3' }],
    expected: ({ led }) => [
      ...onHost('host-3'),
      follows('BrokerNodeHung', subjectOf('host-3', 'rabbitmq')),
      follows('EndpointSilent', 'endpoints/haproxy/haproxy-3'),
      follows('ConsulNoTolerance', CONSUL),
      ...hungQueues('host-3', led),
      ...lockMoves,
    ],
  },
  {
    name: 'own broker in maintenance at one proxy',
    faults: () => [{ verb: 'maint', proxy: 'host-1', server: 'amqp/rabbit-1' }],
    expected: () => [root('ProxyOnBackup', subjectOf('host-1', 'haproxy'))],
  },
];

/** Two of three brokers, by `pause_minority`: the third stops serving too. */
const noBrokerLeft: readonly Expected[] = [
  ...HOSTS.map((host) => follows('ProxyServesNobody', subjectOf(host, 'haproxy'))),
  ...HOSTS.map((host) => maybe('WorkerGone', subjectOf(host, 'worker'))),
  ...['QueueMissingCopies', 'QueueWithoutInSyncMirror', 'QueueWithoutLeader'].map((code) => maybe(code, CLUSTER)),
  ...['QueueSilent', 'QueueWithoutConsumers', 'NoWorkers'].map((code) => maybe(code, CLUSTER)),
  maybe('EndpointSilent', 'endpoints/rabbitmq/cluster'),
];

const DOUBLE: readonly FaultRow[] = [
  {
    name: 'rabbitmq killed on two hosts',
    faults: () => [kill('host-2', 'rabbitmq'), kill('host-3', 'rabbitmq')],
    expected: () => [
      root('BrokerNodeDown', subjectOf('host-2', 'rabbitmq')),
      root('BrokerNodeDown', subjectOf('host-3', 'rabbitmq')),
      either('BrokerNodeDown', subjectOf('host-1', 'rabbitmq')),
      ...noBrokerLeft,
    ],
  },
  {
    name: 'redis master and a sentinel killed',
    faults: ({ master }) => [kill(master, 'redis'), kill(besides(master), 'sentinel')],
    expected: ({ master }) => [...redisDown(master), sentinelDown(besides(master))],
  },
  {
    name: 'two sentinels killed',
    faults: () => [kill('host-2', 'sentinel'), kill('host-3', 'sentinel')],
    expected: () => [sentinelDown('host-2'), sentinelDown('host-3'), follows('SentinelNoQuorum', RESULTS)],
  },
  {
    name: 'two redis replicas killed',
    faults: ({ master }) => HOSTS.filter((host) => host !== master).map((host) => kill(host, 'redis')),
    expected: ({ master }) => [
      ...HOSTS.filter((host) => host !== master).map((host) => root('RedisNodeDown', subjectOf(host, 'redis'))),
      follows('NoRedisReplica', RESULTS),
    ],
  },
  {
    // What only the leader can tell is not known any more: the lock above all.
    name: 'two consul servers killed',
    faults: ({ leader }) => [kill(leader, 'consul'), kill(besides(leader), 'consul')],
    expected: ({ leader }) => [
      root('ConsulServerDown', subjectOf(leader, 'consul')),
      root('ConsulServerDown', subjectOf(besides(leader), 'consul')),
      follows('ConsulNoLeader', CONSUL),
      maybe('ConsulNoTolerance', CONSUL),
      ...HOSTS.map((host) => maybe('ConsulUnreachable', subjectOf(host, 'consul'))),
      maybe('EndpointSilent', 'endpoints/consul/cluster'),
      ...lockMoves,
    ],
  },
  {
    name: 'rabbitmq and haproxy of one host killed',
    faults: () => [kill('host-3', 'rabbitmq'), kill('host-3', 'haproxy')],
    expected: () => [
      root('BrokerNodeDown', subjectOf('host-3', 'rabbitmq')),
      follows('QueueMissingCopies', CLUSTER),
      ...proxyKilled('host-3'),
    ],
  },
  {
    name: 'worker killed and beat stopped on one host',
    faults: () => [kill('host-2', 'worker'), stop('host-2', 'beat')],
    expected: () => [workerKilled('host-2'), ...standbyLost],
  },
  {
    name: 'two hosts killed',
    faults: () => [
      { verb: 'kill', target: 'host-2' },
      { verb: 'kill', target: 'host-3' },
    ],
    expected: ({ master }) => [
      ...onHost('host-2'),
      ...onHost('host-3'),
      ...(['host-2', 'host-3'] as const).flatMap((host) => [
        follows('BrokerNodeDown', subjectOf(host, 'rabbitmq')),
        follows('ProxyDown', subjectOf(host, 'haproxy')),
      ]),
      either('BrokerNodeDown', subjectOf('host-1', 'rabbitmq')),
      ...noBrokerLeft.filter(({ subject, optional }) => optional || subject === subjectOf('host-1', 'haproxy')),
      follows('SentinelNoQuorum', RESULTS),
      master === 'host-1' ? follows('NoRedisReplica', RESULTS) : follows('NoRedisMaster', RESULTS),
      ...(master === 'host-1' ? [] : [follows('RedisLinkDown', subjectOf('host-1', 'redis'))]),
      maybe('RedisRoleDisputed', subjectOf('host-1', 'redis')),
      follows('ConsulNoLeader', CONSUL),
      maybe('ConsulNoTolerance', CONSUL),
      ...HOSTS.map((host) => maybe('ConsulUnreachable', subjectOf(host, 'consul'))),
      maybe('EndpointSilent', 'endpoints/consul/cluster'),
      ...lockMoves,
    ],
  },
  {
    name: 'redis master and haproxy of another host killed',
    faults: ({ master }) => [kill(master, 'redis'), kill(besides(master), 'haproxy')],
    expected: ({ master }) => [...redisDown(master), ...proxyKilled(besides(master))],
  },
  {
    name: 'consul follower and sentinel of one host killed',
    faults: ({ leader }) => [kill(besides(leader), 'consul'), kill(besides(leader), 'sentinel')],
    expected: ({ leader }) => [...consulDown(besides(leader)), sentinelDown(besides(leader))],
  },
  {
    name: 'haproxy killed on two hosts',
    faults: () => [kill('host-2', 'haproxy'), kill('host-3', 'haproxy')],
    expected: () => [...proxyKilled('host-2'), ...proxyKilled('host-3')],
  },
  {
    // The one has nothing to do with the other.
    name: 'rabbitmq killed, and the worker of another host',
    faults: () => [kill('host-3', 'rabbitmq'), kill('host-2', 'worker')],
    expected: () => [...brokerKilled('host-3'), workerKilled('host-2')],
  },
];

const ALL_WORKERS: FaultRow = {
  name: 'every worker killed',
  faults: () => HOSTS.map((host) => kill(host, 'worker')),
  expected: () => [
    ...HOSTS.map((host) => workerKilled(host)),
    either('NoWorkers', CLUSTER),
    follows('QueueWithoutConsumers', CLUSTER),
  ],
};

const WHOLE: FaultRow = { name: 'whole estate', faults: () => [], expected: () => [] };

/** Nothing at all, then every fault, the single ones first. */
export const FAULT_TABLE: readonly FaultRow[] = [WHOLE, ...SINGLE, ...DOUBLE, ALL_WORKERS];

/** The host of a broker node. @throws Error where it is none of the lab's */
export function hostOfNode(node: string | null): Host {
  const host = HOSTS.find((one) => rabbitNode(one) === node);
  if (host === undefined) throw new Error(`no host carries the broker node ${node}`);
  return host;
}
