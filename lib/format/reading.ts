/** Readings in words: what Trellis asks, what it needs for that, and what to do when it is refused. */
import type { ProbeCode, Reading, SourceKind } from '#lib/model/reading.ts';

export type Question = {
  /** What is asked, as one would ask by hand. */
  asks: string;
  tells: string;
  /** The permission that the answer takes. */
  needs: string;
};

const MONITORING = 'tag monitoring';

const QUESTIONS: Readonly<Record<SourceKind, Readonly<Record<string, Question>>>> = {
  rabbitmq: {
    nodes: { asks: 'GET /api/nodes?disable_stats=true', tells: 'its own view of who runs', needs: MONITORING },
    own: { asks: 'GET /api/nodes/<itself>', tells: 'memory, alarms, partitions, version', needs: MONITORING },
    critical: { asks: 'GET /api/health/checks/node-is-*-critical', tells: 'what hangs on it alone', needs: MONITORING },
    amqp: { asks: 'an idle AMQP connection', tells: 'death and hang at once', needs: 'access to the vhost' },
    queues: { asks: 'GET /api/queues?disable_stats=true', tells: 'leaders and copies', needs: MONITORING },
    'queue-stats': { asks: 'GET /api/queues', tells: 'messages and rates', needs: MONITORING },
    consumers: { asks: 'GET /api/consumers', tells: 'workers and what they consume', needs: MONITORING },
    policies: { asks: 'GET /api/policies', tells: 'which policy wins', needs: MONITORING },
    'feature-flags': {
      asks: 'GET /api/feature-flags',
      tells: 'what an upgrade will ask for',
      needs: 'tag administrator (RabbitMQ 3) or monitoring (4)',
    },
    config: {
      asks: 'GET /api/config/effective',
      tells: 'what happens when the network splits',
      needs: 'tag administrator, RabbitMQ 3.10.13',
    },
    overview: { asks: 'GET /api/overview', tells: 'rates of the cluster', needs: MONITORING },
  },
  redis: {
    masters: {
      asks: 'SENTINEL MASTERS, REPLICAS, SENTINELS',
      tells: 'its word on master, replicas, other Sentinels',
      needs: '+sentinel|masters +sentinel|replicas +sentinel|sentinels',
    },
    quorum: {
      asks: 'SENTINEL CKQUORUM, INFO',
      tells: 'whether a failover is possible',
      needs: '+sentinel|ckquorum +info',
    },
    events: { asks: 'PSUBSCRIBE *', tells: 'failovers, step by step', needs: '+psubscribe +ping allchannels' },
    info: { asks: 'INFO', tells: 'its own role, link, offset', needs: '+info' },
  },
  haproxy: {
    stats: { asks: 'show stat', tells: 'servers, checks, who serves', needs: 'socket level user, or the stats page' },
    info: { asks: 'show info', tells: 'its version and load', needs: 'socket level user' },
    config: {
      asks: 'its configuration file',
      tells: 'intervals of checks, what becomes of sessions',
      needs: 'permission to read the file',
    },
  },
  consul: {
    leader: { asks: 'GET /v1/status/leader', tells: 'its word on the leader', needs: 'nothing' },
    members: { asks: 'GET /v1/agent/members', tells: 'which servers live', needs: 'node:read' },
    version: { asks: 'GET /v1/agent/self', tells: 'its version', needs: 'agent:read' },
    raft: { asks: 'GET /v1/operator/raft/configuration', tells: 'who votes', needs: 'operator:read' },
    autopilot: {
      asks: 'GET /v1/operator/autopilot/health',
      tells: 'how many servers may fail',
      needs: 'operator:read',
    },
    checks: { asks: 'GET /v1/health/state/any', tells: 'checks of services', needs: 'node:read service:read' },
    keys: { asks: 'GET /v1/kv/<prefix>?recurse', tells: 'keys, and who holds them', needs: 'key:read' },
    locks: {
      asks: 'GET /v1/kv/<lock>/.lock, /v1/session/list',
      tells: 'holder and standbys',
      needs: 'key:read session:read',
    },
  },
  celery: {
    heartbeats: {
      asks: "workers' own events",
      tells: 'who lives, how busy, clocks, what was missed',
      needs: 'configure, write and read on ^trellis\\. and read on ^celeryev$',
    },
    intake: {
      asks: 'the ingest thread',
      tells: 'how well the events come in and are stored',
      needs: 'configure, write and read on ^trellis\\. and read on ^celeryev$',
    },
  },
};

/** What a reading asks; a reading without an entry describes itself by its name. */
export function questionOf(reading: Pick<Reading, 'source' | 'name'>): Question {
  return QUESTIONS[reading.source][reading.name] ?? { asks: reading.name, tells: '', needs: 'unknown' };
}

const USER: Readonly<Record<SourceKind, string>> = {
  rabbitmq: 'rabbitmq.user and rabbitmq.password',
  redis: 'user, password, sentinelUser and sentinelPassword of the service',
  haproxy: 'user and password of the proxy',
  consul: 'consul.token',
  celery: 'celery.user and celery.password (or those of rabbitmq)',
};

/** The one reading that is no question to a server. */
function isFile({ source, name }: Pick<Reading, 'source' | 'name'>): boolean {
  return source === 'haproxy' && name === 'config';
}

/** What to do about a failure, in one sentence. */
export function fixFor(reading: Pick<Reading, 'source' | 'name'>, code: ProbeCode): string {
  const { needs } = questionOf(reading);
  switch (code) {
    case 'auth':
      return `Check ${USER[reading.source]} in trellis.yaml: the server refuses them.`;
    case 'forbidden':
      return `Give Trellis's user what this takes: ${needs}.`;
    case 'refused':
      return 'Nothing listens there: is the process up, and is the address in trellis.yaml the right one?';
    case 'timeout':
      return 'No answer in time: a hung process, a firewall that drops, or a server under load.';
    case 'unreachable':
    case 'name-unknown':
      return 'The address cannot be reached from here: check the address, the route and the name service.';
    case 'not-found':
      return isFile(reading)
        ? 'There is no such file on the machine of Trellis: check config: of the proxy in trellis.yaml.'
        : 'The server does not know this address: check the URL and, for HAProxy, that it ends in ;csv.';
    case 'protocol':
      return isFile(reading)
        ? 'The file is no HAProxy configuration: check config: of the proxy in trellis.yaml.'
        : 'Something else answers there: check the port and the URL.';
    case 'rate-limited':
      return 'The server asks for fewer requests: something else may be asking it too.';
    case 'too-large':
      return 'The answer is larger than Trellis reads at once.';
    case 'reset':
    case 'server-error':
      return 'The server broke off or failed by itself: its own log knows why.';
    case 'aborted':
    case 'internal':
      return 'Trellis itself failed here: its log has the details.';
  }
}
