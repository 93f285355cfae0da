/** What is meant by what somebody pointed at. Pure. */
import { KINDS, type Kind, type Model } from '#lib/model/model.ts';
import type { Aim } from '#lib/routes.ts';

/** `<kind>/<id>` as an address carries it; null = it names no kind. */
export function parseAim(text: string | null): Aim | null {
  const slash = text?.indexOf('/') ?? -1;
  const kind = text?.slice(0, Math.max(0, slash)) ?? '';
  return text !== null && isKind(kind) ? { kind, id: text.slice(slash + 1) } : null;
}

/**
 * Which of the targets is meant by what was pointed at: the thing itself, or what it is a part of (the Redis service of a node, the
 * lock of a beat, the host of anything). null = none of them.
 */
export function targetAimedAt<T extends { kind: Kind; id: string }>(
  { kind, id }: Aim,
  targets: readonly T[],
  model: Model,
): T | null {
  const itself = targets.find((target) => target.kind === kind && target.id === id);
  return itself ?? targets.find((target) => belongs({ kind, id }, target, model)) ?? null;
}

function isKind(kind: string): kind is Kind {
  return (KINDS as readonly string[]).includes(kind);
}

function belongs({ kind, id }: Aim, target: { kind: Kind; id: string }, model: Model): boolean {
  const entity = model[kind][id];
  if (entity === undefined) return false;
  switch (target.kind) {
    case 'redisServices':
      return kind === 'redisNodes' && model.redisNodes[id]?.service === target.id;
    case 'redisNodes':
      return kind === 'redisServices' && saidMasterOf(id, model) === target.id;
    case 'locks':
      return kind === 'beats' && model.beats[id]?.lock === target.id;
    case 'beats':
      return kind === 'locks' && isHolder(target.id, id, model);
    case 'brokerNodes':
      return kind === 'queues' && model.queues[id]?.replication.leader === target.id;
    case 'hosts':
      return 'host' in entity && entity.host === target.id;
    default:
      return false;
  }
}

/** Where every Sentinel names the same. */
function saidMasterOf(service: string, model: Model): string | null {
  const said = [...new Set((model.redisServices[service]?.master ?? []).map(({ value }) => value))];
  return said.length === 1 ? `${service}/${said[0]}` : null;
}

function isHolder(beat: string, lock: string, model: Model): boolean {
  const found = model.beats[beat];
  return found?.lock === lock && found.role === 'holder';
}
