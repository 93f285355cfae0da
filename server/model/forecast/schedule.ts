/** What a loss does to the schedule: whether a standby beat gets the lock, and after how long. Pure. */
import { orList } from '#lib/format/list.ts';
import { formatAge } from '#lib/format/quantity.ts';
import type { Lock } from '#lib/model/consul.ts';
import type { Effect } from '#lib/model/forecast.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import { agentDeath, sessionExpiry } from './bands.ts';
import { ageText, doubtsOf, effect, type Loss, type Process, type Standing } from './loss.ts';

/** The beats of every lock, where one of them or Consul is among what fails; `coordination` is what became of Consul. */
export function scheduleEffects(loss: Loss, coordination: Effect | null): Effect[] {
  return Object.values(loss.estate.model.locks).flatMap((lock) => effectOn(lock, loss, coordination) ?? []);
}

function effectOn(lock: Lock, loss: Loss, coordination: Effect | null): Effect | null {
  const { model, now, processes } = loss.estate;
  const beats = processes.filter(({ kind, id }) => kind === 'beats' && model.beats[id]?.lock === lock.id);
  const failing = beats.filter(({ id, standing }) => standing !== 'down' && cutOff(id, loss));
  const broken = coordination?.outcome === 'stops' || coordination?.outcome === 'unknown';
  if (failing.length === 0 && !broken) return null;

  const by = [lock.by, ...(broken ? coordination.by : [])];
  const tell = (outcome: Effect['outcome'], text: string, more: Partial<Effect> = {}) =>
    effect('schedule', { kind: 'locks', id: lock.id }, outcome, text, by, more);
  const reading = model.readings[lock.by];
  if (!isCurrent(reading, now)) {
    return tell(
      'unknown',
      `${ageText(`The word on who holds lock ${lock.id}`, reading, now)}: who would schedule cannot be told.`,
    );
  }
  if (lock.holder === null) return tell('stops', `Nobody holds lock ${lock.id} even now.`);
  if (coordination?.outcome === 'stops') {
    return tell('stops', `Without a majority of Consul nobody can hold lock ${lock.id}: nothing is scheduled.`);
  }

  const holder = beats.find(({ id }) => model.beats[id]?.role === 'holder');
  const standbys = beats.filter(({ id }) => model.beats[id]?.role === 'standby');
  const ready = standbys.filter(({ id }) => readiness(id, loss) === 'alive');
  const doubtful = standbys.filter(({ id }) => readiness(id, loss) === 'unseen');
  const holds = holder !== undefined && failing.includes(holder);
  if (!holds && !broken) {
    const left =
      ready.length > 0 ? `${orList(ready.map(({ name }) => name))} waits for it` : 'nobody would wait for it';
    return tell('unaffected', `Lock ${lock.id} stays with ${holder?.name ?? lock.holder.node}, and ${left}.`);
  }
  if (broken)
    return tell('unknown', `Whether lock ${lock.id} could change hands cannot be told: Consul may have no majority.`);
  if (ready.length > 0) return takeover(lock, holder as Process, ready, loss, tell);
  if (doubtful.length > 0) {
    return tell(
      'unknown',
      `Whether a standby gets lock ${lock.id} cannot be told: ${doubtsOf(doubtful.map((one) => agentOf(one, loss)))}.`,
    );
  }
  const supervisor =
    loss.hosts.size > 0 ? '' : ' (unless something on its host starts it again, which Trellis cannot see)';
  return tell('stops', `Nobody waits for lock ${lock.id}: without ${holder?.name} nothing is scheduled${supervisor}.`);
}

type Tell = (outcome: Effect['outcome'], text: string, more?: Partial<Effect>) => Effect;

function takeover(lock: Lock, holder: Process, ready: readonly Process[], loss: Loss, tell: Tell): Effect {
  const agentGoes = (holder.host !== null && loss.hosts.has(holder.host)) || agentOf(holder, loss).lost;
  const outageMs = agentGoes ? agentDeath(lock.times) : sessionExpiry(lock.times);
  const after =
    outageMs === null
      ? 'after how long is not known, for want of the times of its session'
      : `after ${formatAge(outageMs.from)} to ${formatAge(outageMs.to)}`;
  const names = orList(ready.map(({ name }) => name));
  return tell('takes-over', `${holder.name} holds lock ${lock.id}; ${names} gets it ${after}.`, {
    ...{ successors: ready.map(({ id }) => id), outageMs },
  });
}

/** The Consul server on the node of a beat, which its session hangs on; where only a client runs there, the beat itself. */
function agentOf(beat: Process, { estate: { model, processes }, goes }: Loss): Process & { lost: boolean } {
  const node = model.beats[beat.id]?.node;
  const agent = processes.find(({ kind, id }) => kind === 'consulServers' && id === node);
  return agent === undefined ? { ...beat, lost: false } : { ...agent, lost: goes('consulServers', agent.id) };
}

function cutOff(id: string, loss: Loss): boolean {
  return loss.goes('beats', id) || agentOf(loss.estate.process('beats', id), loss).lost;
}

function readiness(id: string, loss: Loss): Standing {
  if (cutOff(id, loss)) return 'down';
  const own = loss.after('beats', id);
  return own === 'alive' ? agentOf(loss.estate.process('beats', id), loss).standing : own;
}
