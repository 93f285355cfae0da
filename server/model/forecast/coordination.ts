/** What a loss does to Consul, and so to the locks: who leads, and whether locks can change hands. Pure. */
import { orList } from '#lib/format/list.ts';
import { formatCount } from '#lib/format/quantity.ts';
import { settle } from '#lib/model/claims.ts';
import type { Effect } from '#lib/model/forecast.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import { CONSUL_ELECTION } from './bands.ts';
import { ageText, alreadyDown, clusterReading, doubtsOf, effect, type Loss } from './loss.ts';
import { sentences } from './words.ts';

const CLUSTER = { kind: 'coordinators', id: 'consul' } as const;

/** Consul after the loss; null where nothing of it fails, or nothing of it is watched. */
export function coordinationEffect(loss: Loss): Effect | null {
  const { model, now, processes } = loss.estate;
  const servers = Object.values(model.consulServers);
  const asked = Object.values(model.readings).filter(({ source }) => source === 'consul');
  if (servers.length === 0) {
    if (asked.length === 0 || loss.hosts.size === 0) return null;
    const text = 'No Consul agent has named its servers yet: whether their majority stays cannot be told.';
    return effect(
      'coordination',
      CLUSTER,
      'unknown',
      text,
      asked.map(({ key }) => key),
    );
  }
  const failing = loss.lost('consulServers');
  if (failing.length === 0) return null;
  const raft = clusterReading('consul', 'raft', model);
  const leader = settle(model.coordinators.consul?.leader ?? [], model.readings, now);
  const watched = processes.filter(({ kind }) => kind === 'consulServers');
  const by = [...(raft === undefined ? [] : [raft.key]), ...watched.flatMap((one) => one.by)];
  const tell = (outcome: Effect['outcome'], text: string, more: Partial<Effect> = {}) =>
    effect('coordination', CLUSTER, outcome, sentences(text, alreadyDown(watched)), by, more);
  if (!isCurrent(raft, now) || servers.some(({ voter }) => voter === null)) {
    return tell(
      'unknown',
      `${ageText("Consul's list of voters", raft, now)}: whether a majority stays cannot be told.`,
    );
  }
  if (leader.value === '') return tell('stops', 'Consul has no leader even now.');

  const voters = watched.filter(({ id }) => model.consulServers[id]?.voter === true);
  const all = Math.max(model.coordinators.consul?.voters ?? 0, voters.length);
  const majority = Math.floor(all / 2) + 1;
  const left = (standing: string) => voters.filter(({ kind, id }) => loss.after(kind, id) === standing);
  const [alive, unseen] = [left('alive'), left('unseen')];
  const share = `${alive.length} of ${formatCount(all, 'voter')} of Consul would be left`;
  if (alive.length < majority) {
    const strangers = all - voters.length;
    if (alive.length + unseen.length + strangers < majority) {
      return tell('stops', `${share}, and that is no majority: locks cannot change hands, and who holds one loses it.`);
    }
    const doubt = doubtsOf(unseen) ?? `${formatCount(strangers, 'voter')} that no agent names`;
    return tell('unknown', `${share}, and that is no majority: ${doubt}.`);
  }
  if (leader.value === null) return tell('unknown', `${share}; the agents do not agree on a leader.`);
  const leads = failing.find(({ id }) => model.consulServers[id]?.raftAddress === leader.value);
  if (leads === undefined) return tell('unaffected', `${share}, a majority, and the leader among them.`);
  const names = orList(alive.map(({ name }) => name));
  const more = { successors: alive.map(({ id }) => id), outageMs: CONSUL_ELECTION };
  return tell('takes-over', `${leads.name} leads Consul; ${names} takes over.`, more);
}
