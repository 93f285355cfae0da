/** Roles and settings that a drill can move: how they are before a run and after it, and what differs, in sentences. Pure. */
import { someOf } from '#lib/format/list.ts';
import { shortNodeName } from '#lib/format/names.ts';
import { formatCount } from '#lib/format/quantity.ts';
import { settle } from '#lib/model/claims.ts';
import type { DrillInfo } from '#lib/model/drill.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { ProxyBackend, ProxyServer } from '#lib/model/haproxy.ts';
import type { Model } from '#lib/model/model.ts';
import { taskQueuesOf } from './broker-guards.ts';
import { MOVE_POLICY_PREFIX } from './catalog/queue-leader-move.ts';
import { undisputedMaster } from './redis-guards.ts';

/** Redis masters, leaders of queues, holders of locks, Consul’s leader, whom proxies send to, what they have set aside, policies. */
export const ROLE_KINDS = ['master', 'leader', 'lock', 'consul', 'entrance', 'server', 'policy'] as const;
export type RoleKind = (typeof ROLE_KINDS)[number];

/** Who has it, or how it is set, by what it is about and where; null = it cannot be told. Names are as people read them. */
type Held = Readonly<Record<string, Readonly<Record<string, string | null>>>>;
export type Roles = Readonly<Record<RoleKind, Held>>;

const NOBODY = 'nobody';
const NO_POLICY = 'none';
/** What serves only while nothing better does. */
const BACKUP = ' (a backup)';

/** How everything is in the model, at `now` (epoch ms). */
export function rolesOf(model: Model, now: number): Roles {
  return {
    master: masters(model, now),
    leader: leaders(model, now),
    lock: locks(model, now),
    consul: consul(model, now),
    entrance: entrances(model, now),
    server: servers(model, now),
    policy: policies(model, now),
  };
}

/** What a drill with such a target can move. */
export function movedBy({ targetKind }: Pick<DrillInfo, 'targetKind'>): readonly RoleKind[] {
  switch (targetKind) {
    case 'redisServices':
      return ['master', 'entrance', 'server'];
    case 'brokerNodes':
      return ['leader', 'entrance', 'server'];
    case 'queues':
      return ['leader', 'policy'];
    case 'locks':
      return ['lock'];
    case 'consulServers':
      return ['consul', 'lock'];
    case 'proxies':
      return ['entrance', 'server'];
    case 'workers':
      return [];
    default:
      return ROLE_KINDS;
  }
}

/** What is another way, a sentence each; what was known and is not any more is no change, and is said last. */
export function changesBetween(before: Roles, after: Roles): string[] {
  const pairs = ROLE_KINDS.flatMap((kind) => pairsOf(kind, before, after));
  const moved = pairs.filter((pair): pair is Known => pair.was !== null && pair.is !== null && isAnother(pair));
  const alike = Map.groupBy(moved, ({ kind, of, was, is }) => JSON.stringify([kind, of, was, is]));
  const untold = pairs.filter(({ was, is }) => was !== null && is === null);
  return [...[...alike.values()].flatMap(changeText), ...untoldText(untold)];
}

/** Whether nothing of these kinds is still on its way, as far as it was known before. */
export function isAtRest(before: Roles, after: Roles, kinds: readonly RoleKind[]): boolean {
  return kinds.every((kind) => pairsOf(kind, before, after).every(rests));
}

type Pair = { kind: RoleKind; of: string; at: string; was: string | null; is: string | null };
type Known = Pair & { was: string; is: string };

function pairsOf(kind: RoleKind, before: Roles, after: Roles): Pair[] {
  // A record of another version may lack a kind.
  return Object.entries(before[kind] ?? {}).flatMap(([of, places]) => {
    const now = own(after[kind], of) ?? {};
    return Object.entries(places).map(([at, was]) => ({ kind, of, at, was, is: own(now, at) ?? null }));
  });
}

/** Things are named by whoever made them: `constructor` may be a queue. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** A temporary policy that is gone is none of the run's: readings of policies are half a minute old. */
function isAnother({ kind, was, is }: Pair): boolean {
  return was !== is && !(kind === 'policy' && is === NO_POLICY);
}

function rests(pair: Pair): boolean {
  const { kind, was, is } = pair;
  if (was === null || is === null) return was === null;
  if (!isAnother(pair)) return true;
  // Drills put every setting back.
  if (kind === 'server' || kind === 'policy' || is === NOBODY) return false;
  return kind !== 'entrance' || (countOf(is) === countOf(was) && !is.includes(BACKUP));
}

function countOf(names: string): number {
  return names.split(', ').length;
}

function changeText(alike: readonly Known[]): string[] {
  const [first] = alike;
  if (first === undefined) return [];
  const { kind, of, was, is } = first;
  const places = alike.map(({ at }) => at);
  const isOne = places.length === 1;
  switch (kind) {
    case 'master':
      return [`${of}: ${was} was master, ${is} is.`];
    case 'leader':
      return isOne
        ? [`${places[0]} was led by ${was}, now by ${is}.`]
        : [`${places.length} queues were led by ${was}, now by ${is}: ${someOf(places)}.`];
    case 'lock':
      return [`Lock ${of}: ${was} held it, ${is} does.`];
    case 'consul':
      return [`Consul: ${was} led it, ${is} does.`];
    case 'entrance':
      return isOne
        ? [`${places[0]} sent ${of} to ${was}, now to ${is}.`]
        : [`${places.length} proxies sent ${of} to ${was}, now to ${is}: ${someOf(places)}.`];
    case 'server':
      return [`${of} was ${was} at ${someOf(places)}, now it is ${is}.`];
    case 'policy':
      return [`A temporary policy is left: ${is}.`];
  }
}

function untoldText(untold: readonly Pair[]): string[] {
  if (untold.length === 0) return [];
  const parts = [...Map.groupBy(untold, ({ kind }) => kind)].map(([kind, same]) => untoldPart(kind, same));
  return [`It cannot be told now: ${parts.join('; ')}.`];
}

function untoldPart(kind: RoleKind, untold: readonly Pair[]): string {
  const subjects = someOf([...new Set(untold.map(({ of }) => of))]);
  const places = [...new Set(untold.map(({ at }) => at))];
  switch (kind) {
    case 'master':
      return `who is master of ${subjects}`;
    case 'leader':
      return places.length === 1 ? `who leads ${places[0]}` : `who leads ${places.length} queues: ${someOf(places)}`;
    case 'lock':
      return `who holds lock ${subjects}`;
    case 'consul':
      return 'who leads Consul';
    case 'entrance':
      return `where ${someOf(places)} ${places.length === 1 ? 'sends' : 'send'} ${subjects}`;
    case 'server':
      return `how ${formatCount(untold.length, 'server')} at ${someOf(places)} ${untold.length === 1 ? 'is' : 'are'} set`;
    case 'policy':
      return 'whether a temporary policy is left';
  }
}

type Entry = readonly [of: string, at: string, value: string | null];

function heldOf(entries: readonly Entry[]): Held {
  const bySubject = Map.groupBy(entries, ([of]) => of);
  return Object.fromEntries(
    [...bySubject].map(([of, same]) => [of, Object.fromEntries(same.map(([, at, value]) => [at, value]))]),
  );
}

/** While two call themselves master nobody can tell who will be it. */
function masters(model: Model, now: number): Held {
  return heldOf(
    Object.values(model.redisServices).map((service): Entry => {
      return [service.id, '', undisputedMaster(service, model, now)?.name ?? null];
    }),
  );
}

function leaders(model: Model, now: number): Held {
  return heldOf(
    taskQueuesOf(model).map(({ id, vhost, name, by, replication: { leader } }): Entry => {
      const who = leader === null ? NOBODY : shortNodeName(leader, model);
      return ['', vhost === '/' ? name : id, isCurrent(model.readings[by], now) ? who : null];
    }),
  );
}

function locks(model: Model, now: number): Held {
  return heldOf(
    Object.values(model.locks).map(({ id, by, holder }): Entry => {
      const who = holder === null ? NOBODY : (holder.host ?? holder.node);
      return [id, '', isCurrent(model.readings[by], now) ? who : null];
    }),
  );
}

function consul(model: Model, now: number): Held {
  return heldOf(
    Object.values(model.coordinators).map(({ id, leader }): Entry => {
      const { value } = settle(leader, model.readings, now);
      const server = Object.values(model.consulServers).find(({ raftAddress }) => raftAddress === value);
      return [id, '', value === '' ? NOBODY : (server?.id ?? value)];
    }),
  );
}

function entrances(model: Model, now: number): Held {
  return heldOf(
    Object.values(model.proxies).flatMap(({ id, own: by, backends }) => {
      const isTold = isCurrent(model.readings[by], now);
      return backends
        .filter(({ carries }) => carries !== 'other')
        .map((backend): Entry => [backend.name, id, isTold ? servedFrom(backend) : null]);
    }),
  );
}

function servedFrom({ servers, serving }: ProxyBackend): string {
  const names = servers
    .filter(({ name }) => serving.includes(name))
    .map(({ name, backup }) => `${name}${backup ? BACKUP : ''}`);
  return names.join(', ') || NOBODY;
}

function servers(model: Model, now: number): Held {
  return heldOf(
    Object.values(model.proxies).flatMap(({ id, own: by, backends }) => {
      const isTold = isCurrent(model.readings[by], now);
      return backends.flatMap((backend) =>
        backend.servers
          .filter(({ target }) => target !== null)
          .map((server): Entry => [`${backend.name}/${server.name}`, id, isTold ? setTo(server) : null]),
      );
    }),
  );
}

/** Set by somebody; what its checks say is another thing. */
function setTo({ status }: ProxyServer): string {
  if (/MAINT/.test(status)) return 'maint';
  return /DRAIN/.test(status) ? 'drain' : 'ready';
}

function policies(model: Model, now: number): Held {
  const reading = Object.values(model.readings).find(
    ({ source, name }) => source === 'rabbitmq' && name === 'policies',
  );
  if (reading === undefined) return {};
  const left = Object.values(model.policies).filter(({ name }) => name.startsWith(MOVE_POLICY_PREFIX));
  const names = left.map(({ name }) => name).join(', ') || NO_POLICY;
  return heldOf([['', '', isCurrent(reading, now) ? names : null]]);
}
