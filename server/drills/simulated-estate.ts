/** For tests: the lab's estate in memory, behind the same verbs; its model follows what was done to it, by a clock that tests move. */
import type { ProxyServer } from '#lib/model/haproxy.ts';
import type { Model } from '#lib/model/model.ts';
import type { EstateActions } from '#server/actions/estate-actions.ts';
import { forecastsOf } from '#server/model/forecast.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { changed, NOW, toldEstate } from '#server/sources/told-estate.ts';

type RedisState = { role: 'master' | 'replica'; master: string | null; pausedUntil: number };
type Admin = 'ready' | 'drain' | 'maint';

export type SimulatedEstate = {
  model(): Model;
  actions: EstateActions;
  /** Every call that changed something, as it came. */
  readonly calls: readonly string[];
  /** What a drill must not leave behind; [] = nothing. */
  leftBehind(): string[];
  /** Who is master of Redis, by itself. */
  masters(): string[];
  /** Fails every verb from the n-th changing call on (1 = the first); null = never. */
  failFrom: number | null;
};

const ADDRESSES = ['127.0.1.1:6379', '127.0.1.2:6379', '127.0.1.3:6379'] as const;
const PROMOTION_MS = 150;
const DEMOTION_MS = 11_000;
const DOWN_AFTER_MS = 2_000;
const SYNC_MS = 300;
const LOCK_DELAY_MS = 15_000;
const RESTART_MS = 5_000;
const OFFSET = 6_535_320;
/** HAProxy takes a server that comes out of maintenance for UP until its next check. */
const CHECK_MS = 1_000;

/** The estate of `toldEstate`, whole: host-2 has the master of Redis and the beat. */
export function simulatedEstate(clock: TimerClock): SimulatedEstate {
  const told = { ...toldEstate(), findings: {} };
  const base: Model = { ...told, forecasts: forecastsOf(told, NOW) };
  const redis = new Map<string, RedisState>(
    ADDRESSES.map((address) => [
      address,
      address === ADDRESSES[1]
        ? { role: 'master', master: null, pausedUntil: 0 }
        : { role: 'replica', master: ADDRESSES[1], pausedUntil: 0 },
    ]),
  );
  let sentinelsSay: string = ADDRESSES[1];
  const admin = new Map<string, Admin>();
  const unchecked = new Set<string>();
  const policies = new Map<string, string>();
  const stopped = new Map<string, 'killed' | 'frozen'>();
  let leader = base.queues['/:celery']?.replication.leader ?? '';
  let inSync = base.queues['/:celery']?.replication.inSync ?? [];
  let lock = base.locks.beat;
  const calls: string[] = [];

  function change(text: string, how: () => void): Promise<void> {
    calls.push(text);
    if (estate.failFrom !== null && calls.length >= estate.failFrom)
      return Promise.reject(new Error(`${text}: refused`));
    how();
    return Promise.resolve();
  }

  const idOf = (address: string) => `results/${address}`;
  const isUp = (address: string) => !stopped.has(idOf(address));

  function promote(): void {
    const heir = ADDRESSES.find((address) => address !== sentinelsSay && isUp(address));
    if (heir === undefined) return;
    const old = sentinelsSay;
    redis.set(heir, { role: 'master', master: null, pausedUntil: 0 });
    sentinelsSay = heir;
    for (const [address, state] of redis) if (state.role === 'replica') redis.set(address, { ...state, master: heir });
    clock.after(DEMOTION_MS, () => follow(old));
  }

  /** A Sentinel's round: an old master that answers is told whom to follow. */
  function follow(address: string): void {
    const state = redis.get(address);
    if (state?.role === 'master' && address !== sentinelsSay && isUp(address))
      redis.set(address, { ...state, role: 'replica', master: sentinelsSay });
  }

  function stop(id: string, how: 'killed' | 'frozen'): void {
    stopped.set(id, how);
    clock.after(DOWN_AFTER_MS, () => {
      if (stopped.has(id) && idOf(sentinelsSay) === id) promote();
    });
  }

  function goOn(id: string): void {
    stopped.delete(id);
    const address = ADDRESSES.find((one) => idOf(one) === id);
    if (address !== undefined) clock.after(1_000, () => follow(address));
  }

  function server(proxy: string, backend: string, one: ProxyServer): ProxyServer {
    const place = `${proxy} ${backend}/${one.name}`;
    const state = admin.get(place) ?? 'ready';
    const node = one.target?.kind === 'redisNodes' ? (base.redisNodes[one.target.id]?.address ?? '') : null;
    const isFit = node === null || unchecked.has(place) || (isUp(node) && redis.get(node)?.role === 'master');
    const status = state === 'ready' ? (isFit ? 'UP' : 'DOWN') : state.toUpperCase();
    return { ...one, status, usable: status === 'UP', sessions: state === 'ready' ? one.sessions : 0 };
  }

  function proxies(): Model['proxies'] {
    return Object.fromEntries(
      Object.values(base.proxies).map((proxy) => {
        const backends = proxy.backends.map((backend) => {
          const servers = backend.servers.map((one) => server(proxy.id, backend.name, one));
          const actives = servers.filter(({ usable, backup }) => usable && !backup);
          const serving = actives.length > 0 ? actives : servers.filter(({ usable }) => usable).slice(0, 1);
          return { ...backend, servers, serving: serving.map(({ name }) => name) };
        });
        return [proxy.id, { ...proxy, backends }];
      }),
    );
  }

  function redisNodes(): Model['redisNodes'] {
    return Object.fromEntries(
      Object.values(base.redisNodes).map((node) => {
        const state = redis.get(node.address) as RedisState;
        const said = node.address === sentinelsSay ? 'master' : 'replica';
        const role = node.role.map(({ by }) => ({ by, value: by === node.own ? state.role : said }) as const);
        const linkUp = state.role === 'master' ? null : state.master !== null && isUp(state.master);
        const up = node.up.map(({ by }) => ({ by, value: isUp(node.address) }));
        return [node.id, { ...node, role, up, linkUp, masterAddress: state.master, offset: OFFSET }];
      }),
    );
  }

  function model(): Model {
    const now = clock.now();
    const readings = Object.values(base.readings).map((reading) => {
      const isSilent = [...stopped.keys()].some((id) => reading.key.includes(`/${id}/`));
      const failure = isSilent ? ({ code: 'timeout', message: 'silent', since: now, at: now } as const) : null;
      return [reading.key, { ...reading, at: now, failure }] as const;
    });
    const services = Object.values(base.redisServices).map((service) => {
      const master = service.master.map(({ by }) => ({ by, value: sentinelsSay }));
      return [service.id, { ...service, master }] as const;
    });
    const live: Model = {
      ...base,
      ...{ readings: Object.fromEntries(readings), redisServices: Object.fromEntries(services) },
      ...{ redisNodes: redisNodes(), proxies: proxies(), locks: lock === undefined ? {} : { beat: lock } },
    };
    const replication = { ...(live.queues['/:celery'] as Model['queues'][string]).replication, leader, inSync };
    return changed(live, 'queues', '/:celery', { replication, policy: null });
  }

  const actions: EstateActions = {
    redis: {
      pauseWrites: (address, ms) => change(`pause ${address}`, () => set(address, { pausedUntil: clock.now() + ms })),
      unpause: (address) => change(`unpause ${address}`, () => set(address, { pausedUntil: 0 })),
      replicaOf: (address, master) =>
        change(`replicaof ${address} ${master}`, () => set(address, { role: 'replica', master })),
      async role(address) {
        if (!isUp(address)) throw new Error(`${address}: ROLE: no answer`);
        const state = redis.get(address) as RedisState;
        const others = ADDRESSES.filter((one) => redis.get(one)?.master === address);
        const replicas = Object.fromEntries(others.map((one) => [one, OFFSET]));
        return { role: state.role, offset: OFFSET, replicas: state.role === 'master' ? replicas : {} };
      },
      failover: (sentinel) => change(`failover ${sentinel}`, () => void clock.after(PROMOTION_MS, promote)),
    },
    haproxy: {
      setState: (proxy, path, state) =>
        change(`state ${proxy} ${path} ${state}`, () => {
          const place = `${proxy} ${path}`;
          if (admin.get(place) === 'maint' && state === 'ready') {
            unchecked.add(place);
            clock.after(CHECK_MS, () => unchecked.delete(place));
          }
          admin.set(place, state);
        }),
      setHealth: (proxy, path, health) => change(`health ${proxy} ${path} ${health}`, () => {}),
      shutdownSessions: (proxy, path) => change(`end-sessions ${proxy} ${path}`, () => {}),
      async replaceServer(proxy, path, by, signal) {
        for (const one of by) await this.setHealth(proxy, one, 'up', signal);
        await this.setState(proxy, path, 'maint', signal);
        await this.shutdownSessions(proxy, path, signal);
      },
      level: async () => 'admin',
      servers: async (proxy) =>
        (proxies()[proxy]?.backends ?? []).flatMap((backend) =>
          backend.servers.map(({ name, status, sessions }) => {
            const path = `${backend.name}/${name}`;
            return { server: path, admin: admin.get(`${proxy} ${path}`) ?? 'ready', status, sessions: sessions ?? 0 };
          }),
        ),
    },
    rabbitmq: {
      putPolicy: (_, name, policy) =>
        change(`put-policy ${name}`, () => {
          policies.set(name, String(policy.definition['ha-params']));
          clock.after(SYNC_MS, () => {
            if (!policies.has(name)) return;
            leader = String(policy.definition['ha-params']);
            inSync = [leader];
          });
        }),
      deletePolicy: (_, name) =>
        change(`delete-policy ${name}`, () => {
          policies.delete(name);
          clock.after(SYNC_MS, () => {
            inSync = base.queues['/:celery']?.replication.inSync ?? [];
          });
        }),
      policies: async (_, prefix) => [...policies.keys()].filter((name) => name.startsWith(prefix)),
      syncQueue: (_, queue, action) => change(`${action} ${queue}`, () => {}),
      queue: async () => ({ leader, inSync, messages: 12, definition: {} }),
      nodes: async () =>
        Object.keys(base.brokerNodes).map((name) => ({
          ...{ name, running: !stopped.has(name), partitions: [], answers: !stopped.has(name) },
        })),
      closeConnections: async (filter) => {
        await change(`close-connections ${filter.node}`, () => {});
        return 5;
      },
    },
    consul: {
      destroySession: (session) =>
        change(`destroy ${session}`, () => {
          const [heir] = lock?.standbys ?? [];
          const old = lock?.holder ?? null;
          if (lock === undefined || heir === undefined || old === null) return;
          lock = { ...lock, holder: null };
          clock.after(LOCK_DELAY_MS, () => {
            lock = { ...(lock as NonNullable<typeof lock>), holder: heir, standbys: [] };
          });
          clock.after(LOCK_DELAY_MS + RESTART_MS, () => {
            lock = { ...(lock as NonNullable<typeof lock>), standbys: [{ ...old, session: 'another' }] };
          });
        }),
      transferLeader: (to) => change(`transfer ${to}`, () => {}),
      lockHolder: async () => ({ session: lock?.holder?.session ?? null, node: lock?.holder?.node ?? null }),
    },
    executor: {
      verbs: () => ['kill', 'start', 'pause', 'resume'],
      preview: (verb, { id }) => ['lab', verb, id],
      async run(verb, { id }) {
        await change(`${verb} ${id}`, () => {
          if (verb === 'kill') stop(id, 'killed');
          else if (verb === 'pause') stop(id, 'frozen');
          else goOn(id);
        });
        return { code: 0, output: '' };
      },
    },
  };

  function set(address: string, state: Partial<RedisState>): void {
    redis.set(address, { ...(redis.get(address) as RedisState), ...state });
  }

  const estate: SimulatedEstate = {
    ...{ model, actions, calls, failFrom: null },
    masters: () => ADDRESSES.filter((address) => redis.get(address)?.role === 'master' && isUp(address)),
    leftBehind: () => [
      ...[...redis].flatMap(([address, { pausedUntil }]) => (pausedUntil > clock.now() ? [`${address} paused`] : [])),
      ...[...admin].flatMap(([path, state]) => (state === 'ready' ? [] : [`${path} ${state}`])),
      ...[...policies.keys()].map((name) => `policy ${name}`),
      ...[...stopped].map(([id, how]) => `${id} ${how}`),
    ],
  };
  return estate;
}
