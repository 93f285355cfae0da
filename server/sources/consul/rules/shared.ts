/** What the findings about Consul share: who is gone, what explains what, and where a figure comes from. Pure. */

import type { ConsulServer, Lock } from '#lib/model/consul.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { readingKey } from '#lib/model/reading.ts';
import { consulServerStatus } from '#lib/model/status.ts';
import type { Subject } from '#lib/model/transition.ts';
import { hostSubjects, isRefusedNow } from '#server/model/explanations.ts';

/** The servers that are down or do not answer, and their hosts, as explanations. */
export function goneServers(model: Model, now: number): Subject[] {
  return Object.values(model.consulServers)
    .filter((server) => isGone(server, model, now))
    .flatMap((server): Subject[] => [{ kind: 'consulServers', id: server.id }, ...hostSubjects(server.host)]);
}

/** Servers that the cluster is made for: its voters, and those that autopilot has taken out because they are gone. */
export function plannedServers(voters: number | null, model: Model, now: number): number {
  const takenOut = Object.values(model.consulServers).filter(
    (server) => server.voter !== true && isGone(server, model, now),
  );
  return (voters ?? 0) + takenOut.length;
}

function isGone(server: ConsulServer, model: Model, now: number): boolean {
  const { status, word } = consulServerStatus(server, model, now);
  return status === 'down' || word === 'not answering' || isRefusedNow(model.readings[server.own ?? ''], now);
}

/** The Consul server behind a reading, by the agent that was asked. */
export function agentBehind(by: string, model: Model): string {
  return (
    Object.values(model.consulServers).find(({ own }) => own !== null && endpointOf(own) === endpointOf(by))?.id ?? by
  );
}

function endpointOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/'));
}

/** The server with this raft address. */
export function serverAt(raftAddress: string, model: Model): string {
  return Object.values(model.consulServers).find((server) => server.raftAddress === raftAddress)?.id ?? raftAddress;
}

/** The reading behind the number of voters, where that is current. */
export function votersBy(model: Model, now: number): string | null {
  const key = readingKey('consul', 'cluster', 'raft');
  return isCurrent(model.readings[key], now) ? key : null;
}

/** The locks of which Trellis knows the present. */
export function currentLocks(model: Model, now: number): Lock[] {
  return Object.values(model.locks).filter(({ by }) => isCurrent(model.readings[by], now));
}

/** The beats of a lock whose session is gone, the newest first, and what else ends a session, as explanations. */
export function goneBeats(
  lock: Lock,
  model: Model,
  now: number,
): { because: Subject[]; newest: { id: string; goneSince: number } | null } {
  const gone = Object.values(model.beats)
    .flatMap((beat) =>
      beat.lock === lock.id && beat.goneSince !== null ? [{ ...beat, goneSince: beat.goneSince }] : [],
    )
    .sort((a, b) => b.goneSince - a.goneSince);
  const because = gone.flatMap((beat): Subject[] => [
    ...hostSubjects(beat.host),
    { kind: 'consulServers', id: beat.node },
    { kind: 'beats', id: beat.id },
  ]);
  return {
    newest: gone[0] ?? null,
    because: [...because, { kind: 'coordinators', id: 'consul' }, ...goneServers(model, now)],
  };
}
