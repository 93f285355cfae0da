/** Roles and settings of the lab, asked of the backends by the bench itself, at one moment. */
import { Redis } from 'ioredis';
import { labContext } from '#lab/context.ts';
import type { Lab } from '#lab/control.ts';
import { ADDRESSES, HOSTS, type Host, MEMBERS, numberOf, PORTS, REDIS_MASTER_NAME } from '#lab/layout.ts';
import { beatHolder, consulLeader } from '#lab/probes/consul.ts';
import { markedProcesses } from '#lab/processes.ts';
import { manage } from './event-broker.ts';
import { MOVE_POLICIES, type Shot, serverStates, type WriteOrders, writeOrders } from './shot-difference.ts';
import { askHaproxy } from './witness-proxy.ts';

const ANSWER_LIMIT_MS = 2_000;
/** A write that is answered later was held back. */
const WRITE_LIMIT_MS = 1_000;
/** What a Redis is asked for once at a time. */
const PROBE_CHANNEL = 'bench:break';

/** The lab as it is now. What does not answer is told as such. @throws Error when no RabbitMQ node answers */
export async function shoot(lab: Lab): Promise<Shot> {
  const processes = markedProcesses(lab.paths.root);
  const [redis, sentinels, servers, policies, leaders, lock, consul] = await Promise.all([
    perHost(redisRole),
    perHost(masterSaidBy),
    serversOfAll(),
    policiesOf(lab),
    leadersOf(lab),
    orWord(beatHolder()),
    orWord(consulLeader()),
  ]);
  const frozen = processes.filter(({ paused }) => paused).map(({ member }) => member);
  const stopped = MEMBERS.filter((id) => !processes.some(({ member }) => member === id));
  return {
    ...{ redis, sentinels, servers, policies, leaders, lock: { beat: lock }, consul: { leader: consul } },
    frozen: asRecord(frozen, 'frozen'),
    stopped: asRecord(stopped, 'stopped'),
  };
}

/** The hosts whose Redis holds writes back. A `PUBLISH` waits as a write does, and changes nothing. */
export async function hostsHoldingWrites(): Promise<Host[]> {
  const held = await Promise.all(
    HOSTS.map(async (host) => {
      const isHeld = await withRedis(host, PORTS.redis, WRITE_LIMIT_MS, async (client) => {
        return client.publish(PROBE_CHANNEL, '').then(
          () => false,
          (error: Error) => /timed out/i.test(error.message),
        );
      }).catch(() => false); // it does not run
      return isHeld ? [host] : [];
    }),
  );
  return held.flat();
}

/** How often every Redis that answers was told to hold writes back, and to let them go. */
export async function countWriteOrders(): Promise<Record<string, WriteOrders>> {
  const told = await Promise.all(
    HOSTS.map(async (host) => {
      const stats = withRedis(host, PORTS.redis, ANSWER_LIMIT_MS, (client) => client.info('commandstats'));
      const text = await stats.catch(() => null);
      return text === null ? [] : [[host, writeOrders(text)] as const];
    }),
  );
  return Object.fromEntries(told.flat());
}

/** Puts away what a drill must never leave, should it have: for the next case, which is to begin with a whole lab. */
export async function mendLab(lab: Lab): Promise<void> {
  await lab.up();
  let isMended = false;
  for (const host of HOSTS) {
    const states = serverStates(await askHaproxy(host, 'show servers state'));
    for (const [server, state] of Object.entries(states)) {
      if (state === 'ready') continue;
      await askHaproxy(host, `set server ${server} state ready`);
      isMended = true;
    }
  }
  for (const name of Object.keys(await policiesOf(lab)).filter((one) => one.startsWith(MOVE_POLICIES))) {
    await manage(labContext(lab.paths), 'host-1', 'DELETE', `policies/%2F/${encodeURIComponent(name)}`);
    isMended = true;
  }
  if (isMended) await lab.up();
}

async function redisRole(host: Host): Promise<string> {
  const [role, ip] = await withRedis(host, PORTS.redis, ANSWER_LIMIT_MS, (client) => client.role());
  return role === 'slave' ? `follows ${String(ip)}` : String(role);
}

async function masterSaidBy(host: Host): Promise<string> {
  const address = await withRedis(host, PORTS.sentinel, ANSWER_LIMIT_MS, (client) =>
    client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', REDIS_MASTER_NAME),
  );
  return String((address as string[] | null)?.[0] ?? 'nobody');
}

async function serversOfAll(): Promise<Record<string, string>> {
  const all = await Promise.all(
    HOSTS.map(async (host) => {
      const proxy = `haproxy-${numberOf(host)}`;
      const text = await askHaproxy(host, 'show servers state').catch(() => null);
      const states = text === null ? { '': 'no answer' } : serverStates(text);
      return Object.entries(states).map(([server, state]) => [`${proxy} ${server}`.trim(), state] as const);
    }),
  );
  return Object.fromEntries(all.flat());
}

async function policiesOf(lab: Lab): Promise<Record<string, string>> {
  const policies = (await askAny(lab, 'policies/%2F')) as { name: string }[];
  return Object.fromEntries(policies.map((policy) => [policy.name, JSON.stringify(policy)]));
}

type Queue = { name: string; node?: string; durable: boolean; auto_delete: boolean; exclusive?: boolean };

/** Queues that come and go with their users have no leader that anybody could keep. */
async function leadersOf(lab: Lab): Promise<Record<string, string>> {
  const queues = (await askAny(lab, 'queues/%2F?disable_stats=true')) as Queue[];
  const lasting = queues.filter((queue) => queue.durable && !queue.auto_delete && queue.exclusive !== true);
  return Object.fromEntries(lasting.map(({ name, node }) => [name, node ?? 'nobody']));
}

async function askAny(lab: Lab, path: string): Promise<unknown> {
  const own = labContext(lab.paths);
  return Promise.any(HOSTS.map((host) => manage(own, host, 'GET', path)));
}

async function perHost(ask: (host: Host) => Promise<string>): Promise<Record<string, string>> {
  const answers = await Promise.all(HOSTS.map(async (host) => [host, await orWord(ask(host))] as const));
  return Object.fromEntries(answers);
}

function orWord(answer: Promise<string>): Promise<string> {
  return answer.catch(() => 'no answer');
}

function asRecord(names: readonly string[], word: string): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, word]));
}

async function withRedis<T>(
  host: Host,
  port: number,
  limitMs: number,
  work: (client: Redis) => Promise<T>,
): Promise<T> {
  const client = new Redis(port, ADDRESSES[host], {
    ...{ lazyConnect: true, connectTimeout: ANSWER_LIMIT_MS, commandTimeout: limitMs },
    ...{ enableReadyCheck: false, disableClientInfo: true, maxRetriesPerRequest: 0, retryStrategy: () => null },
  });
  client.on('error', () => undefined); // the call that failed says it
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
  }
}
