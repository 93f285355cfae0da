/** Findings: named problems and weaknesses of the estate, each with its evidence and what to do about it. */
import type { Kind, Model } from './model.ts';
import type { Subject } from './transition.ts';

/** critical = tasks stop or data is lost now; warning = something is broken or redundancy is gone; info = will hurt later. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Who said it (the key of a reading, which knows how old it is), and what. */
export type Evidence = { by: string; says: string };

/** What to do; `command` is to be copied as it is, null where there is no single one. */
export type Advice = { text: string; command: string | null };

/** Somebody knows of it and is on it (times are epoch ms). */
export type Acknowledgement = { by: string; reason: string; at: number; until: number };

export type Finding = {
  /** `<code>:<kind>/<id>`: the same problem has the same id whenever it comes back. */
  id: string;
  code: string;
  severity: Severity;
  /** A setting that will hurt later, rather than something that broke. */
  posture: boolean;
  subject: Subject;
  host: string | null;
  /** One sentence that names names. */
  text: string;
  evidence: readonly Evidence[];
  advice: Advice;
  /** Since when it is so, as far as Trellis saw (epoch ms). */
  since: number;
  /** Set once nobody can tell any more whether it still is so: when it was last seen (epoch ms). */
  lastSeen: number | null;
  /** The finding that explains this one; null = it explains itself. */
  root: string | null;
  acknowledged: Acknowledgement | null;
  /** The run of a drill (its id) that caused it; null or absent = none did. */
  drill?: string | null;
};

/** The id of a finding. */
export function findingId(code: string, { kind, id, part }: Subject): string {
  return `${code}:${kind}/${id}${part === undefined ? '' : `#${part}`}`;
}

/** The gravest first; of equal gravity the oldest first. */
export function byGravity(a: Finding, b: Finding): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || a.since - b.since || (a.id < b.id ? -1 : 1);
}

/** The host that an entity stands on; null = none, or not known. */
export function hostOfSubject({ kind, id }: Subject, model: Model): string | null {
  if (kind === 'hosts') return id;
  const entities = model[kind as Kind];
  const entity = Object.hasOwn(entities, id) ? entities[id] : undefined;
  return entity !== undefined && 'host' in entity ? entity.host : null;
}
