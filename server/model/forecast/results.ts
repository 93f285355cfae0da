/** What a loss does to the result store: Redis, and the Sentinels that guard it. Pure. */
import { orList, someOf } from '#lib/format/list.ts';
import { formatCount } from '#lib/format/quantity.ts';
import { settle } from '#lib/model/claims.ts';
import type { Effect } from '#lib/model/forecast.ts';
import type { ServerCheck } from '#lib/model/haproxy.ts';
import { lagBytes } from '#lib/model/lag.ts';
import { nodesOf, ownRole, selfMasters } from '#lib/model/masters.ts';
import type { RedisNode, RedisService, Sentinel } from '#lib/model/redis.ts';
import { proxyRiseMs, redisFailover } from './bands.ts';
import { alreadyDown, doubtsOf, effect, type Loss, type Process } from './loss.ts';
import { sentences } from './words.ts';

/** A replica that is behind by less has nearly all; offsets move all the time, and Sentinel reads its own. */
const NEARLY_BYTES = 100_000;
/** Redis's own `replica-priority` unless it is set. */
const USUAL_PRIORITY = 100;

/** The results, and whether Redis can still fail over, where Redis nodes or Sentinels are among what fails. */
export function resultEffects(loss: Loss): Effect[] {
  const [nodes, sentinels] = [loss.lost('redisNodes'), loss.lost('sentinels')];
  return Object.values(loss.estate.model.redisServices).flatMap((service) => {
    const concerned = nodes.some(({ id }) => loss.estate.model.redisNodes[id]?.service === service.id);
    const votes = votesOf(service, loss);
    const master = masterOf(service, loss);
    const results = concerned ? [storeEffect(service, master, votes, loss)] : [];
    return sentinels.length > 0 ? [...results, failoverEffect(service, master, votes, loss)] : results;
  });
}

type Votes = { outcome: 'enough' | 'unknown' | 'too-few'; text: string; by: readonly string[] };

/** Whether the Sentinels that are left can agree on a failover: most of all that there are, and the quorum. */
function votesOf(service: RedisService, { estate, after }: Loss): Votes {
  const guards = estate.processes.filter(({ kind }) => kind === 'sentinels');
  const sentinel = ({ id }: Process) => estate.model.sentinels[id] as Sentinel;
  const viewOf = (one: Process) => sentinel(one).views.find((view) => view.service === service.id);
  const standing = (one: Process) => after('sentinels', one.id);
  const votes = guards.filter((one) => standing(one) === 'alive' && canVote(viewOf(one)));
  const doubtful = guards.filter((one) => standing(one) !== 'down' && !votes.includes(one));
  // Sentinels remember one that is gone for good: it counts until they are reset.
  const known = guards.filter((one) => one.standing === 'alive').map((one) => (viewOf(one)?.otherSentinels ?? 0) + 1);
  const all = Math.max(guards.length, ...known);
  const strangers = all - guards.length;
  const needed = Math.max(Math.floor(all / 2) + 1, service.quorum ?? all);
  const by = guards.flatMap((one) => one.by);
  const left = `${votes.length} of ${formatCount(all, 'Sentinel')} would be left for Redis ${service.id}`;
  if (votes.length >= needed) return { outcome: 'enough', text: `${left}, and ${needed} can fail it over`, by };
  const short = `${left}, and a failover takes ${needed}`;
  if (votes.length + doubtful.length + strangers < needed) return { outcome: 'too-few', text: short, by };
  const doubts = doubtful.map(({ name, doubt }) => doubt || `${name} sees no quorum itself: counted as lost`);
  const unwatched = strangers > 0 ? [`${formatCount(strangers, 'Sentinel')} that Trellis does not watch`] : [];
  return { outcome: 'unknown', text: `${short}: ${[...doubts, ...unwatched].join('; ')}`, by };
}

function canVote(view: Sentinel['views'][number] | undefined): boolean {
  return view !== undefined && view.masterAddress !== null && view.quorum?.ok !== false;
}

type Master = { process: Process; node: RedisNode } | 'two' | null;

/** The master, if it is beyond dispute who that is. */
function masterOf(service: RedisService, { estate: { model, now, process } }: Loss): Master {
  const claimed = selfMasters(service, model, now);
  if (claimed.length > 1) return 'two';
  const address = settle(service.master, model.readings, now).value;
  const node = address === null ? undefined : model.redisNodes[`${service.id}/${address}`];
  if (node === undefined || (claimed[0] !== undefined && claimed[0] !== node)) return null;
  return { process: process('redisNodes', node.id), node };
}

const isLost = (master: Master, loss: Loss): boolean =>
  master !== null && master !== 'two' && loss.after('redisNodes', master.node.id) === 'down';

function failoverEffect(service: RedisService, master: Master, votes: Votes, loss: Loss): Effect {
  const subject = { kind: 'redisServices', id: service.id } as const;
  const already = alreadyDown(loss.estate.processes.filter(({ kind }) => kind === 'sentinels'));
  const tell = (outcome: Effect['outcome'], text: string) =>
    effect('failover', subject, outcome, sentences(`${text}.`, already), votes.by);
  if (votes.outcome === 'enough') return tell('unaffected', votes.text);
  if (votes.outcome === 'unknown') return tell('unknown', votes.text);
  if (isLost(master, loss)) return tell('stops', `${votes.text}: nobody makes a replica the master`);
  return tell('unaffected', `${votes.text}: Redis ${service.id} could no longer fail over`);
}

function storeEffect(service: RedisService, master: Master, votes: Votes, loss: Loss): Effect {
  const nodes = nodesOf(service, loss.estate.model);
  const by = [
    ...nodes.flatMap(({ id }) => loss.estate.process('redisNodes', id).by),
    ...service.master.map((claim) => claim.by),
  ];
  const subject = { kind: 'redisServices', id: service.id } as const;
  const tell = (outcome: Effect['outcome'], text: string, more: Partial<Effect> = {}) =>
    effect('results', subject, outcome, text, by, more);
  if (master === 'two')
    return tell('unknown', `Two nodes of Redis ${service.id} call themselves master: which one counts cannot be told.`);
  if (master === null) return tell('unknown', `Who is master of Redis ${service.id} cannot be told.`);
  const replicas = replicasOf(nodes, master.node, loss);
  if (isLost(master, loss)) return takeover(service, master, replicas, votes, loss, tell);
  if (master.process.standing === 'unseen') {
    return tell('unknown', `Whether Redis ${service.id} has a master cannot be told: ${doubtsOf([master.process])}.`);
  }
  const left = replicas.fit.length;
  if (left > 0) return tell('unaffected', `${formatCount(left, 'replica')} of ${master.process.name} would be left.`);
  const doubt = replicas.doubtful.length > 0 ? doubtsOf(replicas.doubtful) : null;
  const alone = `${master.process.name} would be alone, without a replica`;
  if (master.node.wantsReplicas !== true) return tell('unaffected', sentences(`${alone}.`, doubt && `${doubt}.`));
  return doubt === null
    ? tell('stops', `${alone}: it refuses writes then (min-replicas-to-write).`)
    : tell('unknown', `${alone}, and would refuse writes: ${doubt}.`);
}

type Replicas = {
  /** Those that Sentinel could promote now. */
  fit: readonly RedisNode[];
  /** Those that nobody can vouch for. */
  doubtful: readonly Process[];
};

function replicasOf(nodes: readonly RedisNode[], master: RedisNode, { after, estate }: Loss): Replicas {
  const others = nodes.filter((node) => node !== master && node.priority !== 0);
  const follows = (node: RedisNode) =>
    ownRole(node, estate.model, estate.now) === 'replica' &&
    node.linkUp === true &&
    node.masterAddress === master.address;
  const standing = (node: RedisNode) => after('redisNodes', node.id);
  const fit = others.filter((node) => standing(node) === 'alive' && follows(node));
  // While the master is down every link to it is.
  const cut = others.filter((node) => standing(node) === 'alive' && !follows(node));
  const doubtful = [...others.filter((node) => standing(node) === 'unseen'), ...cut];
  return { fit, doubtful: doubtful.map(({ id }) => estate.process('redisNodes', id)) };
}

type Tell = (outcome: Effect['outcome'], text: string, more?: Partial<Effect>) => Effect;

function takeover(
  service: RedisService,
  { process: master }: Exclude<Master, 'two' | null>,
  { fit, doubtful }: Replicas,
  votes: Votes,
  loss: Loss,
  tell: Tell,
): Effect {
  const lost =
    master.standing === 'down' ? `${master.name}, the master, is down already` : `${master.name} is the master`;
  if (votes.outcome === 'too-few') return tell('stops', `${lost}, and nobody replaces it: ${votes.text}.`);
  if (fit.length === 0 && doubtful.length === 0) return tell('stops', `${lost}, and no replica is left to replace it.`);
  if (votes.outcome === 'unknown')
    return tell('unknown', `${lost}, and whether it is replaced cannot be told: ${votes.text}.`);
  if (fit.length === 0) {
    const why = doubtful.map(({ name, doubt }) => doubt || `${name} is not linked to the master`);
    return tell('unknown', `${lost}, and whether a replica can replace it cannot be told: ${why.join('; ')}.`);
  }
  const heirs = heirsOf(fit);
  const names = orList(heirs.map(({ name }) => name));
  const refusing = fit.length === 1 && heirs.every(({ wantsReplicas }) => wantsReplicas === true);
  if (refusing)
    return tell(
      'stops',
      `${lost}. ${names} replaces it, and refuses writes without a replica of its own (min-replicas-to-write).`,
    );
  const unreachable = unreachableFor(heirs, service, loss);
  if (unreachable !== null) {
    const outcome = unreachable.length === heirs.length ? 'stops' : 'unknown';
    return tell(outcome, `${lost}. ${names} replaces it, and not every proxy sends results to ${someOf(unreachable)}.`);
  }
  const lags = heirs.map((node) => lagBytes(node, loss.estate.model, loss.estate.now));
  const lag = lags.includes(null) ? null : Math.min(...(lags as number[]));
  if (lag === null) return tell('unknown', `${lost}. ${names} replaces it; how many writes it lacks cannot be told.`);
  const rises = risesOf(service, loss);
  const slowest = rises.includes(null) ? null : Math.max(0, ...(rises as number[]));
  const outageMs = redisFailover(service.downAfterMs, slowest ?? 0);
  const more = { successors: heirs.map(({ id }) => id), outageMs };
  const proxies =
    slowest === null && outageMs !== null ? 'The time that the proxies take is not known, and not counted.' : null;
  const behind = `${lost}. ${names} replaces it`;
  if (lag >= NEARLY_BYTES) {
    const kilobytes = Math.floor(lag / 1_000);
    return tell('loses', sentences(`${behind}, and has not got ${kilobytes} kB of writes: they are lost.`, proxies), {
      ...more,
      lostMessages: null,
    });
  }
  return tell(
    'takes-over',
    sentences(`${behind}; writes of the last moments that it has not got yet (less than 100 kB) are lost.`, proxies),
    more,
  );
}

/** Sentinel's order: the lowest priority, then the most data, where only a clear lead counts. */
function heirsOf(fit: readonly RedisNode[]): readonly RedisNode[] {
  const rank = ({ priority }: RedisNode) => priority ?? USUAL_PRIORITY;
  const best = Math.min(...fit.map(rank));
  const first = fit.filter((node) => rank(node) === best);
  const offsets = first.map(({ offset }) => offset);
  if (offsets.includes(null)) return first;
  const most = Math.max(...(offsets as number[]));
  return first.filter(({ offset }) => most - (offset ?? 0) < NEARLY_BYTES);
}

/** The servers for this service behind every proxy that is left and answers. */
function serversFor(service: RedisService, { estate: { model, process }, goes }: Loss) {
  const proxies = Object.values(model.proxies).filter(
    ({ id }) => !goes('proxies', id) && process('proxies', id).standing === 'alive',
  );
  return proxies.flatMap(({ backends }) =>
    backends.flatMap(({ servers }) => {
      const own = servers.filter(
        ({ target }) => target !== null && model.redisNodes[target.id]?.service === service.id,
      );
      return own.length === 0 ? [] : [own];
    }),
  );
}

/** Names of the heirs that some proxy does not know; null = all know all of them. */
function unreachableFor(heirs: readonly RedisNode[], service: RedisService, loss: Loss): string[] | null {
  const backends = serversFor(service, loss);
  const missed = heirs.filter(({ id }) => backends.some((servers) => !servers.some(({ target }) => target?.id === id)));
  return missed.length === 0 ? null : missed.map(({ name }) => name);
}

function risesOf(service: RedisService, loss: Loss): (number | null)[] {
  const checks: ServerCheck[] = serversFor(service, loss).flatMap((servers) => servers.map(({ check }) => check));
  return checks.map(proxyRiseMs);
}
