/** Guards that every drill passes: whether anybody may drill now, and whether Trellis sees well enough. Pure. */
import { someOf } from '#lib/format/list.ts';
import { formatAge } from '#lib/format/quantity.ts';
import type { GuardCheck, Run } from '#lib/model/drill.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { workersOf } from '#lib/model/queues.ts';
import { OWN_LOAD } from '#lib/model/reading.ts';
import type { Subject } from '#lib/model/transition.ts';
import { estateOf, type Process } from '#server/model/forecast/loss.ts';
import type { Aimed, Guard, Scene } from './drill.ts';
import { openWindow, windowText } from './freeze.ts';

/** Evidence that is older expires a plan. */
export const EVIDENCE_MS = 3_000;

/** A check; unless told Trellis itself says it, now. */
export function checked(
  id: string,
  level: GuardCheck['level'],
  text: string,
  more: Partial<Pick<GuardCheck, 'by' | 'ageMs'>> = {},
): GuardCheck {
  return { id, level, text, by: [], ageMs: null, ...more };
}

/** What readings say of themselves: who, and how old the oldest is. */
export function evidenceOf(by: readonly string[], { model, now }: Pick<Scene, 'model' | 'now'>) {
  const keys = [...new Set(by)];
  const ages = keys.map((key) => model.readings[key]?.at ?? null);
  const isTold = ages.length > 0 && ages.every((at) => at !== null);
  return { by: keys, ageMs: isTold ? Math.max(0, now - Math.min(...ages.map(Number))) : null };
}

/** Why nobody may drill here; null = they may. */
export function switchedOn(why: string | null): Guard {
  return () =>
    why === null
      ? checked('enabled', 'pass', 'Drills are enabled here.')
      : checked('enabled', 'block', `No drill is started: ${why}`);
}

/** One run at a time; a lost one first has to be cleared up. */
export function noOtherRun(active: Pick<Run, 'id' | 'drill' | 'state'> | null): Guard {
  return () => {
    if (active === null) return checked('no-other-run', 'pass', 'No other drill is under way.');
    const what = active.state === 'lost' ? 'was lost and has things to take back' : 'is under way';
    return checked('no-other-run', 'block', `Run ${active.id} (${active.drill}) ${what}.`);
  };
}

/** The estate is left alone for a while after each drill; `endedAt` (epoch ms) is of the last one. */
export function cooledDown(endedAt: number | null): Guard {
  return ({ settings, now }) => {
    const leftMs = endedAt === null ? 0 : endedAt + settings.coolDownSeconds * 1_000 - now;
    if (leftMs <= 0) return checked('cool-down', 'pass', 'The last drill is long enough ago.');
    return checked('cool-down', 'block', `The estate rests from the last drill for another ${formatAge(leftMs)}.`);
  };
}

/** Times at which nobody drills. */
export const notFrozen: Guard = ({ settings, now }) => {
  const open = openWindow(settings.freeze, now);
  if (open === null) return checked('freeze', 'pass', 'No freeze window is open.');
  return checked('freeze', 'block', `A freeze window is open: ${windowText(open)}.`);
};

/** What the plan rests on was answered, and just now. */
export function freshEvidence(evidence: readonly string[]): Guard {
  return (scene) => {
    const told = evidenceOf(evidence, scene);
    const silent = evidence.filter((key) => !isCurrent(scene.model.readings[key], scene.now));
    if (evidence.length === 0) return checked('evidence', 'block', 'Nothing is known of what it would be done to.');
    if (silent.length > 0)
      return checked(
        'evidence',
        'block',
        `Not answered now: ${someOf(silent)}. The plan would rest on the past.`,
        told,
      );
    if (told.ageMs === null || told.ageMs > EVIDENCE_MS)
      return checked(
        'evidence',
        'block',
        `The oldest evidence is ${formatAge(told.ageMs ?? 0)} old: look again.`,
        told,
      );
    return checked(
      'evidence',
      'pass',
      `Everything that the plan rests on was told within ${formatAge(told.ageMs)}.`,
      told,
    );
  };
}

/** Other readings that fall silent do not forbid a drill, but its report will have holes. */
export function sightElsewhere(evidence: readonly string[]): Guard {
  return ({ model, now }) => {
    const silent = Object.values(model.readings).filter(
      (reading) =>
        reading.name !== OWN_LOAD && !evidence.includes(reading.key) && reading.at !== null && !isCurrent(reading, now),
    );
    if (silent.length === 0) return checked('sight', 'pass', 'Trellis sees everything else, too.');
    return checked('sight', 'warn', `Not seen now: ${someOf(silent.map(({ key }) => key))}.`);
  };
}

/** Nothing critical is wrong with the estate already. */
export const noCriticalFinding: Guard = ({ model, now }) => {
  const critical = criticalOf(model);
  const [first] = critical;
  if (first === undefined) return checked('no-critical-finding', 'pass', 'No critical finding is open.');
  const more = critical.length === 1 ? '' : ` And ${critical.length - 1} more.`;
  const by = first.evidence.map((one) => one.by);
  const told = evidenceOf(by, { model, now });
  return checked('no-critical-finding', 'block', `${first.code}: ${first.text}${more}`, told);
};

/** Critical findings, postures aside. */
export function criticalOf(model: Pick<Model, 'findings'>) {
  return Object.values(model.findings).filter(({ severity, posture }) => severity === 'critical' && !posture);
}

/** Every process stands, those aside that the drill itself takes down. A host carries all that stands on it. */
export function bystandersStand(disturbs: readonly Subject[]): Guard {
  return ({ model, now }) => {
    const down = bystandersDown(disturbs, model, now);
    const [first] = down;
    if (first === undefined) return checked('bystanders', 'pass', 'Everything that the drill does not touch stands.');
    const names = someOf(down.map(({ name }) => name));
    const verb = down.length === 1 ? 'is' : 'are';
    return checked(
      'bystanders',
      'block',
      `${names} ${verb} down, and not by this drill.`,
      evidenceOf(first.by, { model, now }),
    );
  };
}

/** The processes that are down and that a drill on these does not touch. */
export function bystandersDown(disturbs: readonly Subject[], model: Model, now: number): Process[] {
  return estateOf(model, now).processes.filter(
    (one) => INFRASTRUCTURE.has(one.kind) && one.standing === 'down' && !isDisturbed(one, disturbs),
  );
}

/** Workers and beats come and go with what they hang on; these do not. */
const INFRASTRUCTURE: ReadonlySet<Process['kind']> = new Set([
  'brokerNodes',
  'redisNodes',
  'sentinels',
  'proxies',
  'consulServers',
]);

function isDisturbed({ kind, id, host }: Process, disturbs: readonly Subject[]): boolean {
  return disturbs.some((one) => (one.kind === 'hosts' ? one.id === host : one.kind === kind && one.id === id));
}

/** Commands of the configuration that the drill needs. */
export function commandsFor(verbs: readonly string[], target: Parameters<Scene['means']['verbs']>[0]): Guard {
  return ({ means }) => {
    const known = means.verbs(target);
    const missing = verbs.filter((verb) => !known.includes(verb));
    const where = `drills: { executor: { command: { ${target.kind}: { … } } } }`;
    if (missing.length > 0)
      return checked(
        'executor',
        'block',
        `No command to ${missing.join(' or ')} ${target.id}: give it under ${where}.`,
      );
    return checked('executor', 'pass', `Commands are configured to ${verbs.join(' and ')} ${target.id}.`);
  };
}

/** Credentials to act on RabbitMQ. */
export const mayActOnBroker: Guard = ({ means }) =>
  means.rabbitmq
    ? checked('credentials', 'pass', 'There are credentials to act on RabbitMQ.')
    : checked('credentials', 'block', 'No credentials to act: give acting: { rabbitmq: { user: …, password: … } }.');

/** Without canaries nothing is measured: the drill still runs, and proves nothing about tasks. */
export function measurable(queues: readonly string[]): Guard {
  return ({ model, means }) => {
    if (!means.rabbitmq || !means.entrances) {
      const missing = means.rabbitmq ? 'entrances: { broker: […], results: … }' : 'acting: { rabbitmq: … }';
      return checked('canary', 'warn', `No canaries: give ${missing}. The cost is not measured.`);
    }
    if (queues.length === 0)
      return checked('canary', 'warn', 'No canaries: no queue of tasks has a worker. The cost is not measured.');
    const idle = queues.filter((name) =>
      workersOf({ name }, model.workers).every(({ goneSince }) => goneSince !== null),
    );
    if (idle.length > 0)
      return checked('canary', 'block', `No worker consumes ${someOf(idle)}: canaries would wait there in vain.`);
    return checked('canary', 'pass', `Canaries go through ${someOf(queues)}.`);
  };
}

/** What every drill asks, in the order in which it is shown. */
export function generalGuards(
  aimed: Aimed,
  around: {
    off: string | null;
    active: Parameters<typeof noOtherRun>[0];
    endedAt: number | null;
    queues: readonly string[];
  },
): readonly Guard[] {
  return [
    switchedOn(around.off),
    noOtherRun(around.active),
    cooledDown(around.endedAt),
    notFrozen,
    freshEvidence(aimed.evidence),
    noCriticalFinding,
    bystandersStand([]),
    ...aimed.guards,
    sightElsewhere(aimed.evidence),
    measurable(around.queues),
  ];
}
