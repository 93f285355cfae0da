/**
 * `npm run lab:record`: records raw answers of the running, whole lab as fixtures of the sources
 * (`server/sources/<kind>/fixtures/<version>/`). Run it again when the lab's servers get a new version.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { openLab } from '#lab/control.ts';
import { ADDRESSES, BEAT_LOCK, PORTS, REDIS_MASTER_NAME, rabbitNode } from '#lab/layout.ts';
import { DEFAULT_LAB_DIR, labPaths } from '#lab/paths.ts';
import { CommandError, runCommand, step } from './progress.ts';

const HOST = 'host-1';
const ADDRESS = ADDRESSES[HOST];
const SOURCES = join(import.meta.dirname, '..', '..', 'server', 'sources');

type Recording = Readonly<Record<string, () => Promise<string>>>;

function save(kind: string, version: string, files: Readonly<Record<string, string>>): void {
  const dir = join(SOURCES, kind, 'fixtures', version);
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    // Where the lab lay when it was recorded is nobody's business.
    const neutral = text.replaceAll(DEFAULT_LAB_DIR, '/lab');
    writeFileSync(join(dir, name), neutral.endsWith('\n') ? neutral : `${neutral}\n`);
  }
}

async function recordAll(kind: string, version: string, recording: Recording): Promise<void> {
  await step(`${kind} ${version}`, async () => {
    const files = await Promise.all(
      Object.entries(recording).map(async ([name, take]) => [name, await take()] as const),
    );
    save(kind, version, Object.fromEntries(files));
  });
}

async function httpText(url: string, authorization?: string): Promise<string> {
  const response = await fetch(url, { headers: authorization === undefined ? {} : { authorization } });
  const text = await response.text();
  return response.headers.get('content-type')?.includes('json') ? JSON.stringify(JSON.parse(text), null, 1) : text;
}

function rabbitmq(): Recording {
  const authorization = (user: string) => {
    const password = readFileSync(join(labPaths(DEFAULT_LAB_DIR).secrets, user), 'utf8').trim();
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  };
  const get =
    (path: string, user = 'trellis-read') =>
    () =>
      httpText(`http://${ADDRESS}:${PORTS.management}/api${path}`, authorization(user));
  return {
    'overview.json': get('/overview'),
    'nodes-live.json': get('/nodes?disable_stats=true'),
    'node-own.json': get(`/nodes/${encodeURIComponent(rabbitNode(HOST))}`),
    'queues-live.json': get('/queues?disable_stats=true'),
    'queues-stats.json': get('/queues'),
    'consumers.json': get('/consumers'),
    'connections.json': get('/connections'),
    'policies.json': get('/policies'),
    'feature-flags.json': get('/feature-flags', 'trellis-act'),
    'whoami.json': get('/whoami'),
    'mirror-sync-critical.json': get('/health/checks/node-is-mirror-sync-critical'),
    'quorum-critical.json': get('/health/checks/node-is-quorum-critical'),
  };
}

function haproxy(): Recording {
  const ask = (command: string) => () =>
    new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(PORTS.proxySocket, ADDRESS, () => socket.end(`${command}\n`));
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('end', () => resolve(text)).on('error', reject);
    });
  return {
    'stats.csv': () => httpText(`http://${ADDRESS}:${PORTS.proxyStats}/;csv`),
    'show-stat.csv': ask('show stat'),
    'show-info.txt': ask('show info'),
    'show-servers-state.txt': ask('show servers state'),
  };
}

function consul(): Recording {
  const get = (path: string) => () => httpText(`http://${ADDRESS}:${PORTS.consulHttp}/v1${path}`);
  return {
    'leader.json': get('/status/leader'),
    'peers.json': get('/status/peers'),
    'members.json': get('/agent/members'),
    'self.json': get('/agent/self'),
    'sessions.json': get('/session/list?stale'),
    'lock.json': get(`/kv/${BEAT_LOCK}/.lock?stale`),
    'raft.json': get('/operator/raft/configuration?stale'),
    'autopilot-health.json': get('/operator/autopilot/health'),
    'services.json': get('/catalog/services?stale'),
    'checks.json': get('/health/state/any?stale'),
  };
}

function redis(data: Redis, sentinel: Redis): Recording {
  const text =
    (client: Redis, ...command: [string, ...string[]]) =>
    async () => {
      const reply = await client.call(...command);
      return typeof reply === 'string' ? reply : JSON.stringify(reply, null, 1);
    };
  return {
    'info.txt': text(data, 'info'),
    'role.json': text(data, 'role'),
    'sentinel-masters.json': text(sentinel, 'sentinel', 'masters'),
    'sentinel-replicas.json': text(sentinel, 'sentinel', 'replicas', REDIS_MASTER_NAME),
    'sentinel-sentinels.json': text(sentinel, 'sentinel', 'sentinels', REDIS_MASTER_NAME),
    'sentinel-ckquorum.txt': text(sentinel, 'sentinel', 'ckquorum', REDIS_MASTER_NAME),
    'sentinel-info.txt': text(sentinel, 'info', 'sentinel'),
  };
}

await runCommand(async () => {
  if (!(await openLab().status()).whole) throw new CommandError('The lab is not whole. Run: npm run lab -- up');
  const data = new Redis({ host: ADDRESS, port: PORTS.redis, protocol: 2 });
  const sentinel = new Redis({ host: ADDRESS, port: PORTS.sentinel, protocol: 2, enableReadyCheck: false });
  try {
    await recordAll('rabbitmq', '3.10', rabbitmq());
    await recordAll('haproxy', '2.6', haproxy());
    await recordAll('consul', '1.8', consul());
    await recordAll('redis', '7.0', redis(data, sentinel));
  } finally {
    data.disconnect();
    sentinel.disconnect();
  }
});
