/** redis-switch: the master moves on purpose, with writes held back for the moment in which there are two. */
import { redisName } from '#lib/format/names.ts';
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import type { ServerCheck } from '#lib/model/haproxy.ts';
import type { Call } from '#server/drills/calls.ts';
import type { Facts, Live, Progress, Scene, Step } from '#server/drills/drill.ts';
import { serverInService, socketsFor } from '#server/drills/other-guards.ts';
import { masterAmong, replicasBehind } from '#server/drills/perform-call.ts';
import { held, promise, seen, watch } from './kit.ts';
import { type ProxyPlace, serversFor } from './proxy-servers.ts';
import { failoverCall, heirNames, newMaster, oldFollowsNow, type RedisScene, redisDrill } from './redis-parts.ts';

/** Bounds what a crash of Trellis in between can cost. */
const PAUSE_MS = 5_000;
/**
 * Share of `down-after-milliseconds` for which writes may be held back while no failover is ordered. A Sentinel publishes on the
 * connection on which it pings: held back for longer, the master counts as down (seen: `+sdown`, and a failover of their own).
 */
const UNNOTICED = 0.75;
/** Both together stay within the pause: writes must not come back to the old master. */
const OFFSETS_LIMIT_MS = 1_000;
const PROMOTION_LIMIT_MS = 3_000;

const info: DrillInfo = {
  ...{
    id: 'redis-switch',
    title: 'Switch the Redis master',
    risk: DRILL_RISK['redis-switch'],
    targetKind: 'redisServices',
  },
  proves: 'The master of the result store can move in working hours without losing a single result.',
  needsExecutor: false,
  hypothesis: promise('a replica', {
    ...{ lost: 0, repeated: 0, resultsLost: 0 },
    outageMs: { publish: 0, execute: 1_000, result: 1_000 },
  }),
};

/** The drill. */
export const redisSwitch = redisDrill(info, (redis, scene) => {
  const { master, places } = redis;
  return {
    steps: [
      hold(redis),
      offsets(redis),
      failover(redis, scene),
      move(redis, scene),
      release(redis),
      whole(redis),
      ready(redis),
    ],
    timeline: [
      { afterMs: 0, text: `Writes to ${master.name} are held back.` },
      { afterMs: 50, text: 'Every replica has all that the master has.' },
      { afterMs: 150, text: `${heirNames(redis)} is master; ${master.name} follows.` },
      { afterMs: 300, text: 'Results are written and read again through the proxies.' },
      { afterMs: 2_200, text: 'Clients that ask the Sentinels themselves have followed.' },
    ],
    warnings: [
      `Writes to ${master.name} wait for at most ${PAUSE_MS / 1_000} s if Trellis should crash meanwhile.`,
      ...(redis.heirs.length > 1
        ? ['The Sentinels choose the new master: the proxies are told of whichever it is.']
        : []),
    ],
    guards: [
      serverInService({ kind: 'redisNodes', id: master.id }),
      socketsFor([...new Set(places.map(({ proxy }) => proxy.id))]),
    ],
  };
});

/** Held back anew before each order: what was stored in between may have taken longer than the pause before. */
function pause({ master }: RedisScene): Extract<Call, { verb: 'redis.pause' }> {
  return { verb: 'redis.pause', address: master.address, ms: PAUSE_MS };
}

function addressesOf(nodes: readonly { address: string }[]): string[] {
  return nodes.map(({ address }) => address);
}

/** The order that follows holds back anew, and looks again whether everybody has it all: nothing is lost where this was too short. */
function hold(redis: RedisScene): Step {
  const { master, service } = redis;
  const ms = Math.min(PAUSE_MS, Math.floor((service.downAfterMs ?? PAUSE_MS) * UNNOTICED));
  return {
    ...{ id: 'hold', title: `Hold back writes to ${master.name}`, limitMs: 500, isFault: true },
    calls: () => [[{ ...pause(redis), ms }]],
    undo: () => [{ verb: 'redis.unpause', address: master.address }],
  };
}

function offsets({ service, master, heirs }: RedisScene): Step {
  return watch({
    ...{ id: 'offsets', title: 'Every replica has all of it', limitMs: OFFSETS_LIMIT_MS },
    async check({ actions, signal, model }): Promise<Progress> {
      const { offset, behind } = await replicasBehind(master.address, addressesOf(heirs), actions, signal);
      const [first] = behind;
      if (first === undefined) return { done: true, says: `Offset ${offset} everywhere.` };
      const { address, bytes } = first;
      const name = redisName(address, service.id, model);
      return { done: false, says: bytes === null ? `${name} does not follow.` : `${name} is ${bytes} bytes behind.` };
    },
  });
}

function failover(redis: RedisScene, scene: Scene): Step {
  const { service, others } = redis;
  return {
    ...{ id: 'failover', title: 'Order the failover', limitMs: PROMOTION_LIMIT_MS, isPointOfNoReturn: true },
    // Held back for long enough to outlast the check and the promotion, whatever they take.
    calls: () => [[{ ...pause(redis), until: addressesOf(redis.heirs) }, failoverCall(redis)]],
    // Nobody can call a failover off: it is closed forward, and nobody writes to the old master when its writes are let go.
    undo: () => [demotion(redis), ...follow(redis, scene), ...restore(redis)],
    async check({ actions, signal }) {
      const address = await masterAmong(
        others.map((one) => one.address),
        actions,
        signal,
      );
      if (address === null) return { done: false, says: 'No replica calls itself master yet.' };
      const winner = `${service.id}/${address}`;
      return { done: true, says: `${others.find(({ id }) => id === winner)?.name} is master.`, learned: { winner } };
    },
  };
}

function demotion({ master, others }: RedisScene, facts: Facts = {}): Call {
  const winner = others.find(({ id }) => id === facts.winner);
  const candidates = winner === undefined ? others.map(({ address }) => address) : [winner.address];
  return { verb: 'redis.demote', address: master.address, candidates, waitMs: PROMOTION_LIMIT_MS };
}

/**
 * Everybody at once: nobody may write to the old master meanwhile, whichever of the two is done first. The proxies' own checks would
 * find the new master later.
 */
function move(redis: RedisScene, { model }: Scene): Step {
  const { master, places } = redis;
  return {
    ...{ id: 'move', title: `${master.name} follows, and every proxy sends to the new master`, limitMs: 2_000 },
    calls: (facts) => [
      [pause(redis), demotion(redis, facts)],
      ...places.map(({ proxy, backend, path: server }): Call[] => {
        const heirs = newServers(redis, facts, { model });
        const by = heirs.filter((one) => one.proxy.id === proxy.id && one.backend.name === backend.name);
        return [{ verb: 'haproxy.replace', proxy: proxy.id, server, by: by.map(({ path }) => path) }];
      }),
    ],
    undo: () => [], // what takes the failover back puts it into service again
    async check(live) {
      const { role } = await live.actions.redis.role(master.address, live.signal);
      if (role !== 'replica') return { done: false, says: `${master.name} still calls itself master.` };
      return proxiesMoved(redis, live);
    },
  };
}

/** Puts the old master back into service at every proxy, which keeps it out while it is a replica. */
function restore(redis: RedisScene): Call[] {
  return redis.places.flatMap((place) => [
    { verb: 'haproxy.state', proxy: place.proxy.id, server: place.path, state: 'ready', from: 'maint' },
    ...followRole(redis, place, redis.master.address),
  ]);
}

/** Every proxy sends to whichever of the others is master by now. */
function follow(redis: RedisScene, { model }: Scene): Call[] {
  return redis.others.flatMap(({ id, address }) =>
    serversFor({ kind: 'redisNodes', id }, model).flatMap((place) => followRole(redis, place, address)),
  );
}

/** Where the master is served, by a check that tells it from a replica: elsewhere health would stay as it was told. */
function followRole(
  { places }: RedisScene,
  { proxy, backend, path: server, server: { check } }: ProxyPlace,
  address: string,
): Call[] {
  const servesMaster = places.some(
    (one) => one.proxy.id === proxy.id && one.backend.name === backend.name && isUp(one.server),
  );
  return servesMaster && seesRole(check) ? [{ verb: 'haproxy.follow-role', proxy: proxy.id, server, address }] : [];
}

/**
 * The same for one that is a replica, a lane for each proxy. HAProxy takes a server that comes out of maintenance for UP until its
 * check has failed, and would send it everything that is new: where the check tells a replica from a master it begins as down.
 */
function restoreReplica({ places }: RedisScene): Call[][] {
  return places.map(({ proxy, path: server, server: { check } }) => [
    { verb: 'haproxy.state', proxy: proxy.id, server, state: 'ready' },
    ...(seesRole(check) ? ([{ verb: 'haproxy.health', proxy: proxy.id, server, health: 'down' }] as const) : []),
  ]);
}

/** Where the proxies know the new master; the likeliest while it is only planned. */
function newServers({ heirs }: RedisScene, { winner }: Facts, { model }: Pick<Scene, 'model'>) {
  const id = winner ?? heirs[0]?.id;
  return id === undefined ? [] : serversFor({ kind: 'redisNodes', id }, model);
}

async function proxiesMoved({ master, places }: RedisScene, live: Live): Promise<Progress> {
  const late = await placesNot(({ admin }) => admin === 'maint', places, live);
  return seen(
    late.length === 0,
    `${master.name} is a replica, and maint at every proxy.`,
    `Not yet: ${late.join(', ')}.`,
  );
}

type Server = Awaited<ReturnType<Live['actions']['haproxy']['servers']>>[number];

/** The proxies of which it is not so. */
async function placesNot(
  isSo: (server: Server, place: ProxyPlace) => boolean,
  places: readonly ProxyPlace[],
  { actions, signal }: Live,
): Promise<string[]> {
  const isLate = async (place: ProxyPlace) => {
    const servers = await actions.haproxy.servers(place.proxy.id, signal);
    const one = servers.find(({ server }) => server === place.path);
    return one === undefined || !isSo(one, place);
  };
  const late = await Promise.all(places.map(isLate));
  return places.filter((_, i) => late[i]).map(({ proxy }) => proxy.id);
}

function release({ master }: RedisScene): Step {
  return {
    ...{ id: 'release', title: 'Let writes go', limitMs: 1_000 },
    calls: () => [[{ verb: 'redis.unpause', address: master.address }]],
    ...{ undo: () => [], settles: ['hold'] },
  };
}

function whole(redis: RedisScene): Step {
  return watch({
    ...{ id: 'whole', title: 'One master, and everybody says so', limitMs: 30_000 },
    check: (live) => {
      const winner = newMaster(redis, live);
      if (winner === null) return { done: false, says: 'The Sentinels do not agree on the new master yet.' };
      const learned = { winner: winner.id };
      return { ...oldFollowsNow(redis, live), learned };
    },
  });
}

function ready(redis: RedisScene): Step {
  const holdMs = Math.max(0, ...redis.places.map(({ server }) => riseMs(server.check)));
  const limitMs = 5_000 + 2 * holdMs;
  return {
    ...{ id: 'ready', title: `${redis.master.name} back in service at every proxy`, limitMs },
    calls: () => restoreReplica(redis),
    ...{ undo: () => [], settles: ['failover'] },
    check: async (live) => held('readySince', holdMs, live, await keptOut(redis, live)),
  };
}

/** Long enough for its check to have passed as often as it must, if it were to pass. */
async function keptOut({ places }: RedisScene, live: Live): Promise<Progress> {
  const late = await placesNot(
    ({ admin, status }, { server: { check } }) => admin === 'ready' && (!seesRole(check) || !isUp({ status })),
    places,
    live,
  );
  return seen(
    late.length === 0,
    'Every proxy has it ready, and sends nothing to it while it is a replica.',
    `Not yet: ${late.join(', ')}.`,
  );
}

function isUp({ status }: Pick<Server, 'status'>): boolean {
  return /^UP\b/.test(status);
}

/** Whether the check can tell a master from a replica; one that is not told is taken for one that can. */
function seesRole({ kind }: ServerCheck): boolean {
  return kind !== 'none' && kind !== 'tcp';
}

/** How long a server must pass its checks to come up: after so long without, it stays out. HAProxy's own values where none are told. */
function riseMs(check: ServerCheck): number {
  return seesRole(check) ? (check.intervalMs ?? 2_000) * (check.rise ?? 2) : 0;
}
