/** Asks every Redis node for its role and every Sentinel for its opinion. */
import { Redis } from 'ioredis';
import { ADDRESSES, HOSTS, type Host, memberId, PORTS, REDIS_MASTER_NAME } from '#lab/layout.ts';
import { PROBE_LIMIT_MS, reason } from './http.ts';
import type { Problem } from './problem.ts';

/** Exactly one master, with two replicas online that follow it. */
export async function replicationProblems(): Promise<readonly Problem[]> {
  const answers = await Promise.all(HOSTS.map((host) => info(host)));
  const silent = answers.filter((answer) => answer.problem !== undefined).map((answer) => answer.problem as Problem);
  if (silent.length > 0) return silent;
  const members = HOSTS.map((host) => memberId(host, 'redis'));
  const masters = answers.filter(({ fields }) => fields.get('role') === 'master');
  const [master] = masters;
  if (masters.length !== 1 || master === undefined) {
    return [
      { what: `there are ${masters.length} Redis masters: ${masters.map(({ host }) => host).join(', ')}`, members },
    ];
  }
  const online = ['slave0', 'slave1'].filter((name) => master.fields.get(name)?.includes('state=online'));
  if (online.length < 2)
    return [{ what: `Redis on ${master.host} has ${online.length} replicas online, not 2`, members }];
  return answers
    .filter(({ fields }) => fields.get('role') === 'slave')
    .filter(
      ({ fields }) => fields.get('master_link_status') !== 'up' || fields.get('master_host') !== ADDRESSES[master.host],
    )
    .map(({ host }) => ({
      what: `Redis on ${host} does not follow ${master.host}`,
      members: [memberId(host, 'redis')],
    }));
}

/** All three Sentinels name the same living master, with both replicas and both peers alive. */
export async function sentinelProblems(): Promise<readonly Problem[]> {
  const views = await Promise.all(HOSTS.map((host) => sentinelView(host)));
  const problems = views.flatMap((view) => view.problem ?? []);
  if (problems.length > 0) return problems;
  const named = new Set(views.map((view) => view.master));
  if (named.size > 1) {
    const all = HOSTS.map((host) => memberId(host, 'sentinel'));
    return [
      { what: `the Sentinels disagree: ${views.map((v) => `${v.host} says ${v.master}`).join(', ')}`, members: all },
    ];
  }
  const [master] = await Promise.all(HOSTS.filter((host) => named.has(ADDRESSES[host])).map((host) => info(host)));
  if (master?.fields.get('role') === 'master') return [];
  return [
    { what: `the Sentinels name ${[...named][0]}, which is no master`, members: [memberId('host-1', 'sentinel')] },
  ];
}

/**
 * The host of the one Redis master.
 * @throws Error where there is none, or more than one.
 */
export async function masterHost(): Promise<Host> {
  const masters = (await Promise.all(HOSTS.map((host) => info(host)))).filter(
    ({ fields }) => fields.get('role') === 'master',
  );
  const [master] = masters;
  if (master === undefined || masters.length > 1) throw new Error(`there are ${masters.length} Redis masters`);
  return master.host;
}

type Info = { readonly host: Host; readonly fields: ReadonlyMap<string, string>; readonly problem?: Problem };

async function info(host: Host): Promise<Info> {
  try {
    const text = await withClient(host, PORTS.redis, (client) => client.info('replication'));
    return { host, fields: new Map(text.split('\r\n').map((line) => line.split(/:(.*)/, 2) as [string, string])) };
  } catch (error) {
    const what = `Redis on ${host} does not answer: ${reason(error)}`;
    return { host, fields: new Map(), problem: { what, members: [memberId(host, 'redis')] } };
  }
}

type SentinelView = { readonly host: Host; readonly master?: string; readonly problem?: Problem };

async function sentinelView(host: Host): Promise<SentinelView> {
  const bad = (what: string) => ({ host, problem: { what, members: [memberId(host, 'sentinel')] } });
  try {
    return await withClient(host, PORTS.sentinel, async (client) => {
      const ask = async (...args: [string, ...string[]]) => (await client.call('SENTINEL', ...args)) as unknown[];
      const master = asFields(await ask('MASTER', REDIS_MASTER_NAME));
      const replicas = (await ask('REPLICAS', REDIS_MASTER_NAME)).map((row) => asFields(row as unknown[]));
      const peers = (await ask('SENTINELS', REDIS_MASTER_NAME)).map((row) => asFields(row as unknown[]));
      const flags = master.get('flags') ?? '';
      if (flags !== 'master') return bad(`the Sentinel on ${host} calls the master "${flags}"`);
      const healthy = (rows: readonly Fields[]) =>
        rows.filter((row) => !/down|disconnected/.test(row.get('flags') ?? ''));
      const isReplicating = (row: Fields) => row.get('master-link-status') === 'ok';
      if (healthy(replicas).filter(isReplicating).length < 2)
        return bad(`the Sentinel on ${host} does not see 2 replicas up`);
      if (healthy(peers).length < 2) return bad(`the Sentinel on ${host} does not see 2 other Sentinels`);
      return { host, master: master.get('ip') ?? '' };
    });
  } catch (error) {
    return bad(`the Sentinel on ${host} does not answer: ${reason(error)}`);
  }
}

type Fields = ReadonlyMap<string, string>;

/** Pairs of a flat Redis reply. */
function asFields(flat: readonly unknown[]): Fields {
  return new Map(
    flat.flatMap((key, index) => (index % 2 === 0 ? [[String(key), String(flat[index + 1])] as const] : [])),
  );
}

async function withClient<T>(host: Host, port: number, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(port, ADDRESSES[host], {
    lazyConnect: true,
    connectTimeout: PROBE_LIMIT_MS,
    commandTimeout: PROBE_LIMIT_MS,
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined); // the call that failed says it
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
  }
}
