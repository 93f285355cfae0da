/** Performs calls: the one place where a drill reaches for the verbs that change the estate. */
import type { EstateActions } from '#server/actions/estate-actions.ts';
import type { Call, TakenOver } from './calls.ts';

export type Performing = {
  actions: EstateActions;
  /** Waits between two looks; ends early when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  now(): number;
};

const LOOK_MS = 50;
const MOVE_LIMIT_MS = 5_000;
const MOVED_MS = 500;
const REJOIN_LIMIT_MS = 60_000;
const REJOINED_MS = 10_000;
const REJOIN_LOOK_MS = 500;
/** A replica that is alive has everything within milliseconds. */
const OFFSETS_LIMIT_MS = 1_000;

/** Does it. @throws Error that names the address, the command and the answer */
export async function perform(call: Call, performing: Performing, signal: AbortSignal): Promise<void> {
  const { redis, haproxy, rabbitmq, consul } = performing.actions;
  switch (call.verb) {
    case 'redis.pause':
      return pauseWrites(call, performing, signal);
    case 'redis.unpause':
      return redis.unpause(call.address, signal);
    case 'redis.failover':
      return redis.failover(call.sentinel, call.service, signal);
    case 'redis.demote':
      return demote(call, performing, signal);
    case 'haproxy.state':
      return setState(call, performing.actions, signal);
    case 'haproxy.health':
      return haproxy.setHealth(call.proxy, call.server, call.health, signal);
    case 'haproxy.end-sessions':
      return haproxy.shutdownSessions(call.proxy, call.server, signal);
    case 'haproxy.replace':
      return haproxy.replaceServer(call.proxy, call.server, call.by, signal);
    case 'haproxy.follow-role':
      return followRole(call, performing.actions, signal);
    case 'rabbitmq.put-policy':
      return rabbitmq.putPolicy(call.vhost, call.name, call.policy, signal);
    case 'rabbitmq.delete-policy':
      return deletePolicy(call, performing, signal);
    case 'rabbitmq.sync':
      return rabbitmq.syncQueue(call.vhost, call.queue, call.action, signal);
    case 'rabbitmq.close-connections':
      await rabbitmq.closeConnections({ node: call.node }, 'Trellis drill', signal);
      return;
    case 'consul.destroy-session':
      return consul.destroySession(call.session, signal);
    case 'consul.transfer-leader':
      return consul.transferLeader(call.to, signal);
    case 'executor.run':
      return runCommand(call, performing, signal);
    case 'executor.restart-if-cut-off':
      return restartIfCutOff(call, performing, signal);
  }
}

/** Which of these calls itself master now; one that does not answer is none. */
export async function masterAmong(
  addresses: readonly string[],
  { redis }: Pick<EstateActions, 'redis'>,
  signal: AbortSignal,
): Promise<string | null> {
  const roles = await Promise.all(
    addresses.map((address) =>
      redis.role(address, signal).then(
        ({ role }) => role,
        () => null,
      ),
    ),
  );
  const masters = addresses.filter((_, i) => roles[i] === 'master');
  return masters.length === 1 ? (masters[0] ?? null) : null;
}

async function pauseWrites(
  { address, ms, until }: Extract<Call, { verb: 'redis.pause' }>,
  { actions, pause, now }: Performing,
  signal: AbortSignal,
): Promise<void> {
  await actions.redis.pauseWrites(address, ms, signal);
  if (until === undefined) return;
  const endAt = now() + OFFSETS_LIMIT_MS;
  for (;;) {
    const { offset, behind } = await replicasBehind(address, until, actions, signal);
    const [first] = behind;
    if (first === undefined) return;
    if (now() >= endAt) throw new Error(`${first.address} has not got all of ${address} (offset ${offset}).`);
    await pause(LOOK_MS, signal);
    signal.throwIfAborted();
  }
}

/**
 * Which of these have not got all that their master has; `bytes` null = it does not answer, or follows nobody. They are asked
 * themselves: what the master knows of them is up to a second old.
 */
export async function replicasBehind(
  master: string,
  replicas: readonly string[],
  { redis }: Pick<EstateActions, 'redis'>,
  signal: AbortSignal,
): Promise<{ offset: number; behind: { address: string; bytes: number | null }[] }> {
  const { offset } = await redis.role(master, signal);
  const all = await Promise.all(
    replicas.map((address) =>
      redis.role(address, signal).then(
        (told) => ({ address, bytes: told.role === 'replica' ? offset - told.offset : null }),
        () => ({ address, bytes: null }),
      ),
    ),
  );
  signal.throwIfAborted();
  return { offset, behind: all.filter(({ bytes }) => bytes === null || bytes > 0) };
}

async function setState(
  { proxy, server, state, from }: Extract<Call, { verb: 'haproxy.state' }>,
  { haproxy }: EstateActions,
  signal: AbortSignal,
): Promise<void> {
  if (from !== undefined) {
    const one = (await haproxy.servers(proxy, signal)).find((each) => each.server === server);
    if (one?.admin !== from) return;
  }
  return haproxy.setState(proxy, server, state, signal);
}

async function demote(
  { address, candidates, waitMs }: Extract<Call, { verb: 'redis.demote' }>,
  { actions, pause, now }: Performing,
  signal: AbortSignal,
): Promise<void> {
  const until = now() + waitMs;
  for (;;) {
    const master = await masterAmong(candidates, actions, signal);
    if (master !== null) return actions.redis.replicaOf(address, master, signal);
    signal.throwIfAborted();
    if (now() >= until) return;
    await pause(LOOK_MS, signal);
  }
}

/** A node that does not answer is left to the proxy's own check. */
async function followRole(
  { proxy, server, address }: Extract<Call, { verb: 'haproxy.follow-role' }>,
  { redis, haproxy }: EstateActions,
  signal: AbortSignal,
): Promise<void> {
  const told = await redis.role(address, signal).catch(() => null);
  signal.throwIfAborted();
  if (told === null) return;
  await haproxy.setHealth(proxy, server, told.role === 'master' ? 'up' : 'down', signal);
  if (told.role !== 'master') await haproxy.shutdownSessions(proxy, server, signal);
}

async function runCommand(
  { does, target, argv, after = [] }: Extract<Call, { verb: 'executor.run' }>,
  performing: Performing,
  signal: AbortSignal,
): Promise<void> {
  const { actions } = performing;
  for (const one of after) await takenOver(one, performing, signal);
  const { code, output } = await actions.executor.run(does, target, signal);
  if (code === 0) return;
  const said = output.trim().split('\n').slice(-3).join(' / ');
  throw new Error(`${argv.join(' ') || `${does} ${target.id}`} ended with ${code}${said === '' ? '' : `: ${said}`}`);
}

/** Measured with RabbitMQ 3.10: a policy that goes while a queue moves by it leaves that queue without any mirror, for good. */
async function deletePolicy(
  { vhost, name, moving }: Extract<Call, { verb: 'rabbitmq.delete-policy' }>,
  { actions: { rabbitmq }, pause, now }: Performing,
  signal: AbortSignal,
): Promise<void> {
  if (moving !== undefined) {
    const until = now() + MOVE_LIMIT_MS;
    const leaderNow = () =>
      rabbitmq.queue(vhost, moving.queue, signal).then(
        ({ leader }) => leader,
        () => null,
      );
    while ((await leaderNow()) !== moving.to && now() < until) await pause(LOOK_MS, signal);
    await pause(MOVED_MS, signal);
  }
  return rabbitmq.deletePolicy(vhost, name, signal);
}

/** Looks for long enough: what nodes say of each other is right some seconds after they met again. */
async function restartIfCutOff(
  { node, kill, start }: Extract<Call, { verb: 'executor.restart-if-cut-off' }>,
  performing: Performing,
  signal: AbortSignal,
): Promise<void> {
  const { actions, pause, now } = performing;
  const until = now() + REJOIN_LIMIT_MS;
  let since: number | null = null;
  let isTold = false;
  let unanswered = '';
  while (now() < until) {
    const told = await actions.rabbitmq.nodes(signal).catch((error: Error) => {
      unanswered = error.message;
      return null;
    });
    signal.throwIfAborted();
    isTold ||= told !== null;
    const nodes = told ?? [];
    if (nodes.some(({ partitions }) => partitions.length > 0)) break;
    // Its peers call it running while it is stuck in its stopping: only its own word tells.
    const isBack = nodes.some(({ name, running, answers }) => name === node && running && answers !== false);
    since = isBack ? (since ?? now()) : null;
    if (since !== null && now() - since >= REJOINED_MS) return;
    await pause(REJOIN_LOOK_MS, signal);
  }
  // A node that may be well is not killed because nobody could be asked.
  if (!isTold) throw new Error(`whether its peers took ${node} back is not known: ${unanswered}`);
  await runCommand(kill, performing, signal);
  await runCommand(start, performing, signal);
}

/** Waits until another node is master. @throws Error where none is, and the old one could come back with less than its replicas have */
async function takenOver(
  { name, candidates, waitMs, keepsData }: TakenOver,
  { actions, pause, now }: Performing,
  signal: AbortSignal,
): Promise<void> {
  const until = now() + waitMs;
  while ((await masterAmong(candidates, actions, signal)) === null) {
    signal.throwIfAborted();
    if (now() >= until) {
      if (keepsData) return;
      throw new Error(
        `nobody has taken over from ${name}, which has no append-only file: started now, it may come back empty, and its replicas would copy that`,
      );
    }
    await pause(LOOK_MS, signal);
  }
}
