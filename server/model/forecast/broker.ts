/** What a loss does to the queues: who leads them then, and which messages go. Pure. */
import { orList, someOf } from '#lib/format/list.ts';
import { formatCount } from '#lib/format/quantity.ts';
import type { Effect, Outcome } from '#lib/model/forecast.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import { QUEUE_LEADER_MOVE } from './bands.ts';
import { ageText, alreadyDown, clusterReading, doubtsOf, effect, type Loss, type Process } from './loss.ts';
import { keepsOldCopiesBack, type QueueGroup, queueGroups, total } from './queue-groups.ts';
import { sentences } from './words.ts';

const CLUSTER = { kind: 'brokerClusters', id: 'rabbitmq' } as const;

/** The queues, where broker nodes are among what fails. */
export function queueEffects(loss: Loss): Effect[] {
  const { model, now } = loss.estate;
  const failing = loss.lost('brokerNodes');
  if (failing.length === 0) return [];
  const reading = clusterReading('rabbitmq', 'queues', model);
  if (!isCurrent(reading, now)) {
    const text = `${ageText('The list of queues', reading, now)}: what ${someOf(failing.map(nameOf))} leads cannot be told.`;
    return [effect('queues', CLUSTER, 'unknown', text, [reading?.key ?? [], failing.flatMap(({ by }) => by)].flat())];
  }
  const pause = pauseOf(loss);
  const fates = queueGroups(model.queues).flatMap((group) => {
    const fate = fateOf(group, loss);
    return fate === null ? [] : [{ ...fate, group }];
  });
  const seenBy = failing.flatMap(({ by }) => by);
  const effects = [...Map.groupBy(fates, keyOf).values()]
    .filter(([first]) => pause?.outcome !== 'stops' || first?.outcome === 'loses')
    .map((alike) => merged(alike, [...seenBy, reading?.key ?? '']));
  return pause === null ? effects : [effect('queues', CLUSTER, pause.outcome, pause.text, pause.by), ...effects];
}

/** Whether what is left of the cluster pauses itself, being no majority of it; null = it does not. */
export function pauseOf({
  estate: { model, now, processes },
  after,
}: Loss): { outcome: 'stops' | 'unknown'; text: string; by: readonly string[] } | null {
  const nodes = processes.filter(({ kind }) => kind === 'brokerNodes');
  const left = (standing: string) => nodes.filter(({ kind, id }) => after(kind, id) === standing);
  const [alive, unseen] = [left('alive'), left('unseen')];
  if (alive.length * 2 > nodes.length || alive.length + unseen.length === 0) return null;
  const cluster = model.brokerClusters[CLUSTER.id];
  const told = cluster !== undefined && isCurrent(model.readings[cluster.by], now);
  const handling = told ? cluster.partitionHandling : null;
  if (handling !== null && handling !== 'pause_minority') return null;
  const by = [...nodes.flatMap((node) => node.by), ...(told ? [cluster.by] : [])];
  const share = `${alive.length} of ${formatCount(nodes.length, 'broker node')} would be left, and that is no majority`;
  const already = alreadyDown(nodes);
  if ((alive.length + unseen.length) * 2 > nodes.length) {
    return { outcome: 'unknown', text: sentences(`${share}: ${doubtsOf(unseen)}.`, already), by };
  }
  if (handling === null) {
    const text = `${share}: whether it then pauses itself (cluster_partition_handling) is not known.`;
    return { outcome: 'unknown', text: sentences(text, already), by };
  }
  const paused = alive.length === 0 ? 'what is left' : `what is left (${someOf(alive.map(nameOf))})`;
  return { outcome: 'stops', text: sentences(`${share}: pause_minority pauses ${paused}.`, already), by };
}

type Fate = {
  outcome: Outcome;
  /** From the names of the queues and their messages to a sentence. */
  says: (names: string, messages: string) => string;
  /** Fates that say the same of other queues have the same. */
  key: string;
  successors: readonly Process[];
};

type Fated = Fate & { group: QueueGroup };

function keyOf({ outcome, key, successors }: Fate): string {
  return [outcome, key, ...successors.map(({ id }) => id)].join('|');
}

function merged(alike: readonly Fated[], by: readonly string[]): Effect {
  const { outcome, says, successors } = alike[0] as Fated;
  const groups = alike.map(({ group }) => group);
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const names = someOf(
    groups.flatMap((group) => group.names),
    count,
  );
  const messages = total(groups.map((group) => group.messages));
  const said = messages === null ? 'their messages (how many is not told)' : formatCount(messages, 'message');
  return effect('queues', CLUSTER, outcome, says(names, said), [...groups.flatMap((group) => group.by), ...by], {
    successors: successors.map(({ id }) => id),
    outageMs: outcome === 'takes-over' ? QUEUE_LEADER_MOVE : null,
    lostMessages: outcome === 'loses' ? messages : 0,
  });
}

/** What happens to the queues of one group; null = nothing fails that they are on. */
function fateOf(group: QueueGroup, loss: Loss): Fate | null {
  const { kind, leader, members } = group.replication;
  const copies = members.map((id) => loss.estate.process('brokerNodes', id));
  if (leader === null || loss.estate.process('brokerNodes', leader).standing === 'down') {
    return stopped('already', (names) => `${names}: no leader even now.`);
  }
  if (!copies.some(({ id }) => loss.goes('brokerNodes', id))) return null;
  return kind === 'quorum' || kind === 'stream' ? majorityFate(group, copies, loss) : mirrorFate(group, copies, loss);
}

/** Quorum queues and streams live as long as most of their members do. */
function majorityFate({ replication: { leader, inSync } }: QueueGroup, copies: readonly Process[], loss: Loss): Fate {
  const majority = Math.floor(copies.length / 2) + 1;
  const left = (standing: string) => copies.filter(({ kind, id }) => loss.after(kind, id) === standing);
  const alive = left('alive').filter(({ id }) => inSync?.includes(id) === true);
  const unseen = [...left('unseen'), ...(inSync === null ? left('alive') : [])];
  const of = `${alive.length} of ${copies.length} members`;
  if (alive.length >= majority) {
    if (leader !== null && loss.goes('brokerNodes', leader)) return movesTo(alive);
    return stays(`${of} stay`);
  }
  if (alive.length + unseen.length >= majority) return doubtful(unseen);
  return stopped(
    `${of} ${majority}`,
    (names, messages) => `${names}: ${of} would be left, and that is no majority. ${messages} wait until it is back.`,
  );
}

/** Mirrors take over one from another; a classic queue without mirrors has no second copy. */
function mirrorFate(group: QueueGroup, copies: readonly Process[], loss: Loss): Fate {
  const { leader, inSync } = group.replication;
  const others = copies.filter(({ id }) => id !== leader);
  const left = (standing: string) => others.filter(({ kind, id }) => loss.after(kind, id) === standing);
  const [alive, unseen] = [left('alive'), left('unseen')];
  const inStep = (one: Process) => inSync?.includes(one.id) === true;
  const home = loss.estate.process('brokerNodes', leader ?? '');
  if (loss.after('brokerNodes', home.id) === 'alive') {
    const copiesLeft = 1 + alive.filter(inStep).length;
    return stays(copiesLeft === 1 ? `the copy on ${home.name} is the only one left` : `${copiesLeft} copies stay`);
  }
  if (alive.some(inStep)) return movesTo(alive.filter(inStep));
  if (!loss.goes('brokerNodes', home.id)) return doubtful([home]);
  const maybe = inSync === null ? [...alive, ...unseen] : unseen.filter(inStep);
  if (maybe.length > 0) return doubtful(maybe);
  return lastCopyFate(group, home, alive.length > 0, loss);
}

function lastCopyFate(group: QueueGroup, home: Process, oldCopyLeft: boolean, loss: Loss): Fate {
  const returns = `it stands still until ${home.name} returns`;
  if (oldCopyLeft && keepsOldCopiesBack(group, loss.estate.model.policies)) {
    return stopped(
      `${home.id} old`,
      (names, messages) =>
        `The last copy in sync of ${names} is on ${home.name}, and no other may take over: ${returns}, with ${messages}.`,
    );
  }
  if (oldCopyLeft) {
    const says = (names: string, messages: string) =>
      `The last copy in sync of ${names} is on ${home.name}: an older one takes over, and up to ${messages} are lost.`;
    return { outcome: 'loses', says, key: home.id, successors: [] };
  }
  if (group.durable) {
    return stopped(
      home.id,
      (names, messages) => `The last copy of ${names} is on ${home.name}: ${returns}, with ${messages}.`,
    );
  }
  const says = (names: string, messages: string) =>
    `The last copy of ${names} is on ${home.name}, and it is not durable: ${messages} are lost.`;
  return { outcome: 'loses', says, key: `${home.id} transient`, successors: [] };
}

function stopped(key: string, says: Fate['says']): Fate {
  return { outcome: 'stops', says, key, successors: [] };
}

function stays(what: string): Fate {
  return { outcome: 'unaffected', says: (names) => `${names}: ${what}.`, key: what, successors: [] };
}

function movesTo(successors: readonly Process[]): Fate {
  const says = (names: string) => `${names}: ${orList(successors.map(nameOf))} takes over, with all messages.`;
  return { outcome: 'takes-over', says, key: '', successors };
}

function doubtful(processes: readonly Process[]): Fate {
  const why = doubtsOf(processes) ?? 'whether other copies are in sync is not told';
  const says = (names: string) => `Whether ${names} would go on cannot be told: ${why}.`;
  return { outcome: 'unknown', says, key: why, successors: [] };
}

function nameOf({ name }: Pick<Process, 'name'>): string {
  return name;
}
