/** Findings for people: what belongs together, what is open, who said it. Pure. */
import { type Acknowledgement, byGravity, type Finding, type Severity } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import { endpointName } from './transition.ts';

/** What broke, and what merely follows from it, the gravest first. */
export type FindingGroup = { root: Finding; consequences: readonly Finding[] };

/** Every finding once, the gravest group first. What names a root that is gone is a root itself: nothing gets lost. */
export function findingGroups(findings: Model['findings']): FindingGroup[] {
  const groups = new Map<Finding, Finding[]>();
  for (const finding of Object.values(findings).sort(byGravity)) {
    const root = rootOf(finding, findings);
    const members = groups.get(root) ?? [];
    groups.set(root, root === finding ? members : [...members, finding]);
  }
  return [...groups].map(([root, consequences]) => ({ root, consequences })).sort((a, b) => byGravity(a.root, b.root));
}

function rootOf(finding: Finding, findings: Model['findings']): Finding {
  const seen = new Set<Finding>();
  let root = finding;
  while (!seen.has(root)) {
    seen.add(root);
    const next = root.root !== null && Object.hasOwn(findings, root.root) ? findings[root.root] : undefined;
    if (next === undefined) return root;
    root = next;
  }
  // Two that explain each other explain nothing.
  return [...seen].sort(byGravity)[0] ?? finding;
}

/** Who is on it now; null = nobody, or no longer. */
export function acknowledgementOf({ acknowledged }: Finding, now: number): Acknowledgement | null {
  return acknowledged !== null && acknowledged.until > now ? acknowledged : null;
}

/** True for what is broken or about to be, and nobody is on it: it leads, and it counts. */
export function isOpen(finding: Finding, now: number): boolean {
  return !finding.posture && finding.severity !== 'info' && acknowledgementOf(finding, now) === null;
}

/** The groups that lead and count, the gravest first. */
export function openGroups(findings: Model['findings'], now: number): FindingGroup[] {
  return findingGroups(findings).filter(({ root }) => isOpen(root, now));
}

/** Those that would lead and count, were nobody on them. */
export function acknowledgedGroups(findings: Model['findings'], now: number): FindingGroup[] {
  return findingGroups(findings).filter(
    ({ root }) => acknowledgementOf(root, now) !== null && isOpen({ ...root, acknowledged: null }, now),
  );
}

/** What the reader wants to see: severities (none = all) and a text. */
export type FindingFilter = { severities: readonly Severity[]; text: string };

/** True when the root or something that follows from it passes the filter. */
export function isShown({ root, consequences }: FindingGroup, { severities, text }: FindingFilter): boolean {
  const wanted = text.trim().toLowerCase();
  return [root, ...consequences].some(
    (one) =>
      (severities.length === 0 || severities.includes(one.severity)) &&
      [one.text, one.code, one.host ?? '', one.subject.id].some((said) => said.toLowerCase().includes(wanted)),
  );
}

/** Who said it, by name. */
export function observerName(by: string, model: Model): string {
  const reading = Object.hasOwn(model.readings, by) ? model.readings[by] : undefined;
  if (reading === undefined) return by;
  if (reading.endpoint === 'cluster')
    return reading.via === null ? reading.source : `${reading.source} (${reading.via})`;
  return endpointName(`${reading.source}/${reading.endpoint}`, model);
}
