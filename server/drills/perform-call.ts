/** Performs calls: the one place where a drill reaches for the verbs that change the estate. */
import type { EstateActions } from '#server/actions/estate-actions.ts';
import type { Call } from './calls.ts';

export type Performing = {
  actions: EstateActions;
  /** Waits between two looks; ends early when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  now(): number;
};

const LOOK_MS = 50;

/** Does it. @throws Error that names the address, the command and the answer */
export async function perform(call: Call, performing: Performing, signal: AbortSignal): Promise<void> {
  const { redis, haproxy, rabbitmq, consul } = performing.actions;
  switch (call.verb) {
    case 'redis.pause':
      return redis.pauseWrites(call.address, call.ms, signal);
    case 'redis.unpause':
      return redis.unpause(call.address, signal);
    case 'redis.failover':
      return redis.failover(call.sentinel, call.service, signal);
    case 'redis.demote':
      return demote(call, performing, signal);
    case 'haproxy.state':
      return haproxy.setState(call.proxy, call.server, call.state, signal);
    case 'haproxy.health':
      return haproxy.setHealth(call.proxy, call.server, call.health, signal);
    case 'haproxy.end-sessions':
      return haproxy.shutdownSessions(call.proxy, call.server, signal);
    case 'haproxy.follow-role':
      return followRole(call, performing.actions, signal);
    case 'rabbitmq.put-policy':
      return rabbitmq.putPolicy(call.vhost, call.name, call.policy, signal);
    case 'rabbitmq.delete-policy':
      return rabbitmq.deletePolicy(call.vhost, call.name, signal);
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
  { does, target, argv }: Extract<Call, { verb: 'executor.run' }>,
  { actions }: Performing,
  signal: AbortSignal,
): Promise<void> {
  const { code, output } = await actions.executor.run(does, target, signal);
  if (code === 0) return;
  const said = output.trim().split('\n').slice(-3).join(' / ');
  throw new Error(`${argv.join(' ') || `${does} ${target.id}`} ended with ${code}${said === '' ? '' : `: ${said}`}`);
}
