/** Holds the findings that Trellis told against those that a fault should give. Pure. */
import type { Finding } from '#lib/model/finding.ts';

/** root = explains itself; consequence = has one of the found roots; either = not promised. */
export type Standing = 'root' | 'consequence' | 'either';

/** One finding that a fault gives. */
export type Expected = {
  readonly code: string;
  /** `<kind>/<id>`. */
  readonly subject: string;
  readonly standing: Standing;
  /** It may show or not: that is a matter of timing. */
  readonly optional?: true;
};

/** One finding that was told; both by `<code> <kind>/<id>`. */
export type Told = { readonly key: string; readonly root: string | null };

/** What was told otherwise than expected; all empty = passed. */
export type Verdict = {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  /** Told, with another root than expected. */
  readonly misrooted: readonly string[];
};

/** What broke, and what follows from it: neither settings nor hints. A finding's part is not told apart from the whole. */
export function toldOf(findings: readonly Finding[]): Told[] {
  const keyOf = ({ code, subject }: Finding) => `${code} ${subject.kind}/${subject.id}`;
  const keys = new Map(findings.map((one) => [one.id, keyOf(one)]));
  const told = findings
    .filter(({ severity, posture }) => !posture && severity !== 'info')
    .map((one): Told => ({ key: keyOf(one), root: one.root === null ? null : (keys.get(one.root) ?? one.root) }));
  return [...new Map(told.map((one) => [`${one.key} ${one.root}`, one])).values()].sort((a, b) =>
    a.key < b.key ? -1 : 1,
  );
}

/** Two looks have told the same when these are equal. */
export function sameness(told: readonly Told[]): string {
  return told.map(({ key, root }) => `${key} < ${root}`).join('\n');
}

/** What differs. */
export function verdictOf(told: readonly Told[], expected: readonly Expected[]): Verdict {
  // What is promised counts, where the same is optional too.
  const promised = [...expected].sort((a, b) => Number(b.optional ?? false) - Number(a.optional ?? false));
  const wanted = new Map(promised.map((one) => [keyOfExpected(one), one]));
  const keys = new Set(told.map(({ key }) => key));
  const roots = new Set(told.filter(({ root }) => root === null).map(({ key }) => key));
  const standsOtherwise = ({ key, root }: Told) => {
    const standing = wanted.get(key)?.standing;
    if (standing === 'root') return root !== null;
    if (standing === 'consequence') return root === null || !roots.has(root);
    return false;
  };
  return {
    missing: expected.filter((one) => !one.optional && !keys.has(keyOfExpected(one))).map(keyOfExpected),
    unexpected: [...keys].filter((key) => !wanted.has(key)),
    misrooted: told.filter(standsOtherwise).map(({ key, root }) => `${key} ← ${root ?? 'nothing'}`),
  };
}

/** Nothing differs. */
export function isAsExpected({ missing, unexpected, misrooted }: Verdict): boolean {
  return missing.length + unexpected.length + misrooted.length === 0;
}

function keyOfExpected({ code, subject }: Expected): string {
  return `${code} ${subject}`;
}
