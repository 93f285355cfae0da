/** The estate as it stands now, and a loss on top of it: what goes, what is left, what nobody can see. Pure. */
import { shortNodeName } from '#lib/format/names.ts';
import { formatAge } from '#lib/format/quantity.ts';
import { settle } from '#lib/model/claims.ts';
import type { ConsulServer } from '#lib/model/consul.ts';
import type { Effect, ForecastLayer, Outcome } from '#lib/model/forecast.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { BrokerNode } from '#lib/model/rabbitmq.ts';
import type { Reading, SourceKind } from '#lib/model/reading.ts';
import type { RedisNode, Sentinel } from '#lib/model/redis.ts';
import {
  beatStatus,
  brokerNodeStatus,
  consulServerStatus,
  lastSeen,
  redisNodeStatus,
  type Shown,
  sentinelStatus,
  workerStatus,
} from '#lib/model/status.ts';
import type { Subject } from '#lib/model/transition.ts';

/** What can die on its own, or with its host. */
export const PROCESS_KINDS = [
  'brokerNodes',
  'redisNodes',
  'sentinels',
  'proxies',
  'consulServers',
  'beats',
  'workers',
] as const;
export type ProcessKind = (typeof PROCESS_KINDS)[number];

/** `unseen` = it may stand or not: it is no survivor, and not certainly lost. */
export type Standing = 'alive' | 'down' | 'unseen';

export type Process = {
  kind: ProcessKind;
  id: string;
  name: string;
  host: string | null;
  standing: Standing;
  /** Why it is not counted, where it is `unseen`: "sentinel@host-3 has been silent for 42 s: counted as lost". */
  doubt: string;
  /** The readings that its standing rests on. */
  by: readonly string[];
};

export type Estate = {
  model: Model;
  now: number;
  processes: readonly Process[];
  /** The process; one that nobody watches is `unseen`. */
  process(kind: ProcessKind, id: string): Process;
};

export type Loss = {
  estate: Estate;
  failing: readonly Subject[];
  /** Hosts that fail as a whole. */
  hosts: ReadonlySet<string>;
  /** True for what fails, whether it stood before or not. */
  goes(kind: ProcessKind, id: string): boolean;
  /** How a process stands once the loss has happened. */
  after(kind: ProcessKind, id: string): Standing;
  /** What fails of a kind and is not down already. */
  lost(kind: ProcessKind): readonly Process[];
};

/** Looks at every process once. */
export function estateOf(model: Model, now: number): Estate {
  const processes = PROCESS_KINDS.flatMap((kind) =>
    Object.values(model[kind]).map((entity) => processOf(kind, entity.id, entity.host, model, now)),
  );
  const byKey = new Map(processes.map((one) => [`${one.kind}/${one.id}`, one]));
  const process = (kind: ProcessKind, id: string): Process => {
    const doubt = `${id} is not watched: counted as lost`;
    return byKey.get(`${kind}/${id}`) ?? { kind, id, name: id, host: null, standing: 'unseen', doubt, by: [] };
  };
  return { model, now, processes, process };
}

/** The loss of these hosts (with all that stands on them) and processes. */
export function lossOf(failing: readonly Subject[], estate: Estate): Loss {
  const hosts = new Set(failing.flatMap(({ kind, id }) => (kind === 'hosts' ? [id] : [])));
  const single = new Set(failing.map(({ kind, id }) => `${kind}/${id}`));
  const fails = ({ kind, id, host }: Process) => (host !== null && hosts.has(host)) || single.has(`${kind}/${id}`);
  const gone = estate.processes.filter(fails);
  const keys = new Set(gone.map(({ kind, id }) => `${kind}/${id}`));
  const goes = (kind: ProcessKind, id: string) => keys.has(`${kind}/${id}`);
  return {
    ...{ estate, failing, hosts, goes },
    after: (kind, id) => (goes(kind, id) ? 'down' : estate.process(kind, id).standing),
    lost: (kind) => gone.filter((one) => one.kind === kind && one.standing !== 'down'),
  };
}

function processOf(kind: ProcessKind, id: string, host: string | null, model: Model, now: number): Process {
  const { shown, alive, by } = LOOKS[kind](id, model, now);
  const standing = shown.status === 'down' ? 'down' : alive ? 'alive' : 'unseen';
  const name = nameOf(kind, id, model);
  return {
    kind,
    id,
    name,
    host,
    standing,
    doubt: standing === 'unseen' ? doubtOf(name, shown, by, model, now) : '',
    by,
  };
}

function nameOf(kind: ProcessKind, id: string, model: Model): string {
  if (kind === 'brokerNodes') return shortNodeName(id, model);
  if (kind === 'redisNodes' || kind === 'sentinels') return model[kind][id]?.name ?? id;
  return id;
}

function doubtOf(name: string, shown: Shown, by: readonly string[], model: Model, now: number): string {
  if (by.some((key) => isCurrent(model.readings[key], now)))
    return `${name} is in doubt (${shown.word}): counted as lost`;
  const seenAt = lastSeen(by, model.readings);
  const silence = seenAt === null ? 'has never answered' : `has been silent for ${formatAge(now - seenAt)}`;
  return `${name} ${silence}: counted as lost`;
}

type Look = { shown: Shown; alive: boolean; by: readonly string[] };
type LookAt = (id: string, model: Model, now: number) => Look;

const current = (key: string, model: Model, now: number) => isCurrent(model.readings[key], now);

const LOOKS: Readonly<Record<ProcessKind, LookAt>> = {
  brokerNodes(id, model, now) {
    const node = model.brokerNodes[id] as BrokerNode;
    const shown = brokerNodeStatus(node, model, now);
    const running = settle(node.running, model.readings, now);
    const waysIn = [...node.own, ...(node.amqp === null ? [] : [node.amqp.by])];
    const cutOff = node.partitions.some(({ by, value }) => value !== '' && current(by, model, now));
    const agreed = running.value === true && running.agreement !== 'majority';
    const by = waysIn.length > 0 ? waysIn : node.running.map((claim) => claim.by);
    return { shown, alive: agreed && waysIn.every((key) => current(key, model, now)) && !cutOff, by };
  },
  redisNodes(id, model, now) {
    const node = model.redisNodes[id] as RedisNode;
    const by = node.own === null ? node.up.map((claim) => claim.by) : [node.own];
    const suspected = settle(node.up, model.readings, now).value === false;
    const alive = node.own !== null && current(node.own, model, now) && !suspected;
    return { shown: redisNodeStatus(node, model, now), alive, by };
  },
  sentinels(id, model, now) {
    const sentinel = model.sentinels[id] as Sentinel;
    // In TILT mode it answers and takes no part.
    const alive = current(sentinel.own, model, now) && sentinel.tilt !== true;
    return { shown: sentinelStatus(sentinel, model, now), alive, by: [sentinel.own] };
  },
  proxies(id, model, now) {
    const own = model.proxies[id]?.own ?? '';
    // Its servers may all be down; the proxy itself is there as long as it answers.
    return { shown: { status: 'unknown', word: 'silent' }, alive: current(own, model, now), by: [own] };
  },
  consulServers(id, model, now) {
    const server = model.consulServers[id] as ConsulServer;
    const alive = settle(server.alive, model.readings, now);
    const agreed = alive.value === true && alive.agreement !== 'majority';
    const answers = server.own === null || current(server.own, model, now);
    const by = server.own === null ? server.alive.map((claim) => claim.by) : [server.own];
    return { shown: consulServerStatus(server, model, now), alive: agreed && answers, by };
  },
  beats(id, model, now) {
    const beat = model.beats[id];
    return seenIn(beat === undefined ? undefined : beatStatus(beat, model, now), beat?.by);
  },
  workers(id, model, now) {
    const worker = model.workers[id];
    return seenIn(worker === undefined ? undefined : workerStatus(worker, model, now), worker?.by);
  },
};

function seenIn(shown: Shown = { status: 'unknown', word: 'unknown' }, by?: string): Look {
  return { shown, alive: shown.status === 'ok' || shown.status === 'degraded', by: by === undefined ? [] : [by] };
}

/** The reading that any member of a cluster answers for all; undefined where it has not been asked yet. */
export function clusterReading(source: SourceKind, name: string, model: Model): Reading | undefined {
  return Object.values(model.readings).find((one) => one.source === source && one.name === name);
}

/** "The list of queues is 42 s old"; `what` = "The list of queues". */
export function ageText(what: string, reading: Reading | undefined, now: number): string {
  return reading?.at == null ? `${what} has not been read yet` : `${what} is ${formatAge(now - reading.at)} old`;
}

/** An effect; unless told nobody takes over, nothing is timed, and no message goes. */
export function effect(
  layer: ForecastLayer,
  subject: Subject,
  outcome: Outcome,
  text: string,
  by: readonly string[],
  more: Partial<Pick<Effect, 'successors' | 'outageMs' | 'lostMessages'>> = {},
): Effect {
  return {
    ...{ layer, subject, outcome, text },
    ...{ successors: [], outageMs: null, lostMessages: 0 },
    ...more,
    by: [...new Set(by)],
  };
}

/** The doubts about these processes, as one clause; null = there are none. */
export function doubtsOf(processes: readonly Process[]): string | null {
  const doubts = processes.filter(({ standing }) => standing === 'unseen').map(({ doubt }) => doubt);
  return doubts.length === 0 ? null : doubts.join('; ');
}

/** "rabbit-2 is down already." for those of them that are; null = none is. */
export function alreadyDown(processes: readonly Process[]): string | null {
  const down = processes.filter(({ standing }) => standing === 'down').map(({ name }) => name);
  return down.length === 0 ? null : `${down.join(', ')} ${down.length === 1 ? 'is' : 'are'} down already.`;
}
