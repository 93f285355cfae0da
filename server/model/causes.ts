/** Causes: the earlier transition that explains a later one, by what depends on what. Pure. */
import type { Model } from '#lib/model/model.ts';
import type { Cause, Transition, TransitionCode } from '#lib/model/transition.ts';

/** What follows a fault later than this is not put down to it. */
export const CAUSE_WINDOW_MS = 60_000;

/** What explains others; a fault that moves ten thousand queues must not make ten thousand candidates. */
const EXPLAINING: ReadonlySet<TransitionCode> = new Set([
  'BrokerNodeRunning',
  'RedisNodeUp',
  'RedisNodeRole',
  'RedisMaster',
  'ConsulServerAlive',
  'ConsulLeader',
  'EndpointAnswers',
  'LockHolder',
]);

/** The transitions that may explain later ones at `now` (epoch ms), oldest first. */
export function candidates(earlier: readonly Cause[], added: readonly Cause[], now: number): Cause[] {
  return [...earlier, ...added.filter(({ code }) => EXPLAINING.has(code))].filter(
    ({ at }) => now - at <= CAUSE_WINDOW_MS,
  );
}

/** Whether an earlier transition explains one that has been found. */
type Explains = (earlier: Cause) => boolean;
type Found = Omit<Transition, 'id'>;

const became =
  (code: TransitionCode, id: string | undefined, to: string): Explains =>
  (earlier) =>
    earlier.code === code && earlier.subject.id === id && earlier.to === to;

const anyOf =
  (...rules: readonly Explains[]): Explains =>
  (earlier) =>
    rules.some((rule) => rule(earlier));

/** For each code, from the transition and the model as it was before: what would explain it. */
const RULES: Readonly<Partial<Record<TransitionCode, (found: Found, before: Model) => Explains>>> = {
  QueueLeader: ({ from }) => became('BrokerNodeRunning', from, 'down'),
  QueueInSync({ from, to }) {
    const [had, has] = [from.split(' '), to.split(' ')];
    const lost = had.filter((node) => !has.includes(node));
    const gained = has.filter((node) => !had.includes(node));
    return anyOf(
      ...lost.map((node) => became('BrokerNodeRunning', node, 'down')),
      ...gained.map((node) => became('BrokerNodeRunning', node, 'running')),
    );
  },
  WorkerPresence: ({ subject, to }, before) =>
    anyOf(
      ...(before.workers[subject.id]?.brokerNodes ?? []).map((node) =>
        became('BrokerNodeRunning', node, to === 'consuming' ? 'running' : 'down'),
      ),
    ),
  RedisMaster: ({ subject, from, to }) =>
    anyOf(
      became('RedisNodeUp', `${subject.id}/${from}`, 'down'),
      became('RedisNodeRole', `${subject.id}/${to}`, 'master'),
    ),
  RedisNodeRole({ subject, to }, before) {
    const service = before.redisNodes[subject.id]?.service;
    if (to !== 'master') return (earlier) => earlier.code === 'RedisMaster' && earlier.subject.id === service;
    return (earlier) =>
      earlier.code === 'RedisNodeUp' &&
      earlier.to === 'down' &&
      before.redisNodes[earlier.subject.id]?.service === service;
  },
  ProxyServing({ subject, from, to }, before) {
    const servers = before.proxies[subject.id]?.backends.find(({ name }) => name === subject.part)?.servers ?? [];
    const target = (name: string) => servers.find((server) => server.name === name)?.target?.id;
    const [had, has] = [from.split(' '), to.split(' ')];
    const left = had.filter((name) => !has.includes(name)).map(target);
    const joined = has.filter((name) => !had.includes(name)).map(target);
    return anyOf(
      ...left.flatMap((id) => [
        became('BrokerNodeRunning', id, 'down'),
        became('RedisNodeUp', id, 'down'),
        became('RedisNodeRole', id, 'replica'),
      ]),
      ...joined.flatMap((id) => [
        became('BrokerNodeRunning', id, 'running'),
        became('RedisNodeUp', id, 'up'),
        became('RedisNodeRole', id, 'master'),
      ]),
    );
  },
  ConsulLeader({ from, subject }, before) {
    if (from === 'nobody') return became('ConsulLeader', subject.id, 'nobody');
    const server = Object.values(before.consulServers).find(({ raftAddress }) => raftAddress === from);
    return anyOf(
      became('ConsulServerAlive', server?.id, 'down'),
      (earlier) =>
        earlier.code === 'EndpointAnswers' &&
        earlier.to === 'silent' &&
        server?.own?.startsWith(`${earlier.subject.id}/`) === true,
    );
  },
  LockHolder: ({ subject, from }) =>
    from === 'nobody' ? became('LockHolder', subject.id, 'nobody') : became('ConsulServerAlive', from, 'down'),
  LockStandbys({ subject, from, to }) {
    const [had, has] = [from.split(' '), to.split(' ')];
    return anyOf(
      (earlier) => earlier.code === 'LockHolder' && earlier.subject.id === subject.id,
      ...had.filter((node) => !has.includes(node)).map((node) => became('ConsulServerAlive', node, 'down')),
      ...has.filter((node) => !had.includes(node)).map((node) => became('ConsulServerAlive', node, 'alive')),
    );
  },
};

/** The newest of the earlier transitions (oldest first) that explains this one; undefined where none does. */
export function causeOf(found: Found, earlier: readonly Cause[], before: Model): Cause | undefined {
  const explains = RULES[found.code]?.(found, before);
  if (explains === undefined) return undefined;
  const cause = earlier.findLast((one) => found.at - one.at <= CAUSE_WINDOW_MS && explains(one));
  if (cause === undefined) return undefined;
  const { id, at, code, subject, from, to } = cause;
  return { id, at, code, subject, from, to };
}
