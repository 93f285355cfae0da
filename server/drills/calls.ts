/**
 * Calls: what a step does to the estate, as plain data. The same data is shown in the plan, stored before it is done, and taken
 * back by a Trellis that was killed in between.
 */
import type { EstateActions } from '#server/actions/estate-actions.ts';
import { replaceCommands } from '#server/actions/haproxy-actions.ts';

/** What a command of the configuration is aimed at. */
export type ExecutorTarget = Parameters<EstateActions['executor']['preview']>[1];

type Policy = Parameters<EstateActions['rabbitmq']['putPolicy']>[2];

export type Call =
  /** Holds writes back for `ms`, or for longer if they are held back already. `until` = those who must have all of it then. */
  | { verb: 'redis.pause'; address: string; ms: number; until?: readonly string[] }
  | { verb: 'redis.unpause'; address: string }
  | { verb: 'redis.failover'; sentinel: string; service: string; masterName: string }
  /** Makes the old master follow whichever of the candidates calls itself master; nothing where none does within `waitMs`. */
  | { verb: 'redis.demote'; address: string; candidates: readonly string[]; waitMs: number }
  /** `from` = only where it is that now: nobody takes back what somebody else has ordered since. */
  | { verb: 'haproxy.state'; proxy: string; server: string; state: AdminState; from?: AdminState }
  | { verb: 'haproxy.health'; proxy: string; server: string; health: 'up' | 'down' }
  | { verb: 'haproxy.end-sessions'; proxy: string; server: string }
  /** In one line, so that nobody waits in between: `by` are up, `server` is taken out, and its sessions end. */
  | { verb: 'haproxy.replace'; proxy: string; server: string; by: readonly string[] }
  /** Makes a proxy treat the Redis node at `address` as what it calls itself now; nothing where it does not answer. */
  | { verb: 'haproxy.follow-role'; proxy: string; server: string; address: string }
  | { verb: 'rabbitmq.put-policy'; vhost: string; name: string; policy: Policy }
  | {
      verb: 'rabbitmq.delete-policy';
      vhost: string;
      name: string;
      /** The move that it may have begun: that is waited for, a few seconds at most. */
      moving?: { queue: string; to: string };
    }
  | { verb: 'rabbitmq.sync'; vhost: string; queue: string; action: 'sync' | 'cancel_sync' }
  | { verb: 'rabbitmq.close-connections'; node: string }
  | { verb: 'consul.destroy-session'; session: string }
  | { verb: 'consul.transfer-leader'; to: string | null }
  | {
      verb: 'executor.run';
      does: string;
      target: ExecutorTarget;
      argv: readonly string[];
      /** Masters of Redis that it carries: others must have taken over before it is started. */
      after?: readonly TakenOver[];
    }
  /** Kills and starts a broker node that was frozen and runs again, where its peers do not take it back. */
  | { verb: 'executor.restart-if-cut-off'; node: string; kill: ExecutorRun; start: ExecutorRun };

/** A command of the configuration. */
export type ExecutorRun = Extract<Call, { verb: 'executor.run' }>;

type AdminState = 'ready' | 'drain' | 'maint';

/** A master that stopped, and who may have its place. */
export type TakenOver = {
  /** What it is called. */
  name: string;
  candidates: readonly string[];
  waitMs: number;
  /** It keeps every write on disk: started before anybody took over it loses nothing. */
  keepsData: boolean;
};

/** The call as a person would make it. */
export function callText(call: Call): string {
  switch (call.verb) {
    case 'redis.pause':
      return `redis-cli ${at(call.address)} CLIENT PAUSE ${call.ms} WRITE${call.until === undefined ? '' : `, until every replica has all of it: ${call.until.join(', ')}`}`;
    case 'redis.unpause':
      return `redis-cli ${at(call.address)} CLIENT UNPAUSE`;
    case 'redis.failover':
      return `redis-cli ${at(call.sentinel)} SENTINEL FAILOVER ${call.masterName}`;
    case 'redis.demote':
      return `redis-cli ${at(call.address)} REPLICAOF ${target(call.candidates)}`;
    case 'haproxy.state':
      return `${call.proxy}: set server ${call.server} state ${call.state}${call.from === undefined ? '' : ` (if it is ${call.from})`}`;
    case 'haproxy.health':
      return `${call.proxy}: set server ${call.server} health ${call.health}`;
    case 'haproxy.end-sessions':
      return `${call.proxy}: shutdown sessions server ${call.server}`;
    case 'haproxy.replace':
      return `${call.proxy}: ${replaceCommands(call.server, call.by).join('; ')}`;
    case 'haproxy.follow-role':
      return `${call.proxy}: set server ${call.server} health up if redis-cli ${at(call.address)} ROLE says master, otherwise health down, and shutdown sessions`;
    case 'rabbitmq.put-policy':
      return `PUT ${policyPath(call)} ${JSON.stringify(bodyOf(call.policy))}`;
    case 'rabbitmq.delete-policy':
      return `DELETE ${policyPath(call)}${call.moving === undefined ? '' : ` (once ${call.moving.queue} has moved, or does not)`}`;
    case 'rabbitmq.sync':
      return `POST /api/queues/${step(call.vhost)}/${step(call.queue)}/actions ${JSON.stringify({ action: call.action })}`;
    case 'rabbitmq.close-connections':
      return `DELETE /api/connections/… (every connection of clients to ${call.node})`;
    case 'consul.destroy-session':
      return `PUT /v1/session/destroy/${call.session}`;
    case 'consul.transfer-leader':
      return `POST /v1/operator/raft/transfer-leader${call.to === null ? '' : `?id=${step(call.to)}`}`;
    case 'executor.run':
      return call.argv.length === 0 ? `${call.does} ${call.target.id}` : call.argv.map(quoted).join(' ');
    case 'executor.restart-if-cut-off':
      return `${callText(call.kill)}; ${callText(call.start)} (if its peers do not take ${call.node} back)`;
  }
}

/**
 * Whether a Trellis that starts takes this back by itself, `ageMs` after the step. What was begun for a moment is ended; what
 * would start a process, or decide who is master long after, is for a person.
 */
export function isUndoneAtBoot(call: Call, ageMs: number): boolean {
  if (call.verb === 'executor.run') return call.does === 'resume';
  if (call.verb === 'executor.restart-if-cut-off') return ageMs < RESTARTED_AT_BOOT_MS;
  if (call.verb === 'redis.demote') return ageMs < DEMOTED_BY_ITSELF_MS;
  return true;
}

/** Whether there is nothing to take back `ageMs` after the step: it has ended by itself, or something else takes its place. */
export function isMoot(call: Call, ageMs: number): boolean {
  // Later there may be another sync, which is not ours.
  if (call.verb === 'rabbitmq.sync') return ageMs > SYNCED_BY_ITSELF_MS;
  return call.verb === 'executor.restart-if-cut-off' && ageMs < FROZEN_FOR_LONG_MS;
}

/** Well below RabbitMQ's net tick: a node that was frozen for less is not cut off from its peers. */
const FROZEN_FOR_LONG_MS = 40_000;
/** Later somebody may have stopped it on purpose. */
const RESTARTED_AT_BOOT_MS = 10 * 60_000;

const SYNCED_BY_ITSELF_MS = 5 * 60_000;

/** By then the Sentinels have demoted an old master themselves (measured: 11 s). */
const DEMOTED_BY_ITSELF_MS = 60_000;

function at(address: string): string {
  const colon = address.lastIndexOf(':');
  return `-h ${address.slice(0, colon)} -p ${address.slice(colon + 1)}`;
}

function target(candidates: readonly string[]): string {
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) return only.replace(/:(\d+)$/, ' $1');
  return `<the new master: ${candidates.join(' or ')}>`;
}

function policyPath({ vhost, name }: { vhost: string; name: string }): string {
  return `/api/policies/${step(vhost)}/${step(name)}`;
}

function bodyOf({ pattern, definition, priority, applyTo }: Policy) {
  return { pattern, definition, priority, 'apply-to': applyTo };
}

const step = encodeURIComponent;

/** As a shell would want it typed. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
