/**
 * The judge: from models to findings, with a memory. A finding is told once it has been so for its rule's hold time, goes a
 * moment after it is no longer so, and stays, marked, when those who said it fell silent.
 */
import { keepEqual } from '#lib/model/equal.ts';
import { type Acknowledgement, byGravity, type Finding, findingId, hostOfSubject } from '#lib/model/finding.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { Subject } from '#lib/model/transition.ts';
import type { Found, Rule } from './rule.ts';

/** What flaps within this time (ms) is one finding. */
export const CLEAR_MS = 2_000;

export type Judge = {
  /** The findings at `now` (epoch ms); one that did not change keeps its identity. */
  judge(model: Model, now: number, acknowledged: ReadonlyMap<string, Acknowledgement>): Model['findings'];
};

export type JudgeOptions = {
  rules: readonly Rule[];
  /** A rule failed; the others go on, and what it had found stays until it works again. */
  onError(code: string, error: unknown): void;
  /** Since when a finding was there before this process; it is then told at once, with that time. */
  sinceBefore?(id: string): number | undefined;
};

/** What is known of one finding: the newest look at it, since when it is so, and when it last was. */
type Held = { rule: Rule; found: Found; since: number; seenAt: number; told: boolean };

/** Knows nothing yet. */
export function startJudging({ rules, onError, sinceBefore = () => undefined }: JudgeOptions): Judge {
  let held: ReadonlyMap<string, Held> = new Map();
  let findings: Model['findings'] = {};

  function look(rule: Rule, model: Model, now: number): readonly Found[] | null {
    try {
      return rule.find(model, now);
    } catch (error) {
      onError(rule.code, error);
      return null;
    }
  }

  return {
    judge(model, now, acknowledged) {
      const next = new Map<string, Held>();
      const failed = new Set<string>();
      for (const rule of rules) {
        const all = look(rule, model, now);
        if (all === null) failed.add(rule.code);
        for (const found of all ?? []) {
          const id = findingId(rule.code, found.subject);
          const since = held.get(id)?.since ?? sinceBefore(id) ?? now;
          const told = held.get(id)?.told === true || now - since >= (rule.holdMs ?? 0);
          next.set(id, { rule, found, since, seenAt: now, told });
        }
      }
      for (const [id, one] of held) {
        if (next.has(id) || !one.told) continue;
        const lasts = now - one.seenAt < CLEAR_MS || failed.has(one.rule.code) || isUnseen(one, model, now);
        if (lasts) next.set(id, one);
      }
      held = next;
      findings = keepEqual(
        findings,
        Object.fromEntries(findingsOf(next, model, now, acknowledged).map((one) => [one.id, one])),
      );
      return findings;
    },
  };
}

/** Nobody who said it speaks for the present: whether it still is so cannot be told. */
function isUnseen({ rule, found: { evidence } }: Held, model: Model, now: number): boolean {
  if (rule.aboutSilence === true) return false;
  return evidence.length > 0 && evidence.every(({ by }) => !isCurrent(model.readings[by], now));
}

function findingsOf(
  held: ReadonlyMap<string, Held>,
  model: Model,
  now: number,
  acknowledged: ReadonlyMap<string, Acknowledgement>,
): Finding[] {
  const told = [...held].filter(([, one]) => one.told);
  const findings = told.map(([id, { rule, found, since, seenAt }]): Finding => {
    const { subject, text, evidence, advice } = found;
    const acknowledgement = acknowledged.get(id);
    return {
      ...{ id, code: rule.code, severity: found.severity ?? rule.severity, posture: rule.posture },
      ...{ subject, host: hostOfSubject(subject, model), text, evidence, advice, since },
      lastSeen: now - seenAt >= CLEAR_MS ? seenAt : null,
      root: null,
      acknowledged: acknowledgement !== undefined && acknowledgement.until > now ? acknowledgement : null,
    };
  });
  const explained = new Map(told.map(([id, { found }]) => [id, found.because ?? []]));
  const roots = rootsOf(findings, explained);
  return findings.map((one) => ({ ...one, root: roots.get(one.id) ?? null })).sort(byGravity);
}

const subjectKey = ({ kind, id }: Subject) => `${kind}/${id}`;

/** For each finding that another one explains: the last in the chain of explanations. Settings explain nothing. */
function rootsOf(
  findings: readonly Finding[],
  because: ReadonlyMap<string, readonly Subject[]>,
): ReadonlyMap<string, string> {
  const about = Map.groupBy(
    findings.filter(({ posture, severity }) => !posture && severity !== 'info'),
    ({ subject }) => subjectKey(subject),
  );
  const parentOf = (id: string): string | undefined =>
    (because.get(id) ?? [])
      .flatMap((subject) => about.get(subjectKey(subject)) ?? [])
      // A whole host explains more than a process on it.
      .sort((a, b) => Number(b.subject.kind === 'hosts') - Number(a.subject.kind === 'hosts') || byGravity(a, b))
      .find((one) => one.id !== id)?.id;
  const roots = new Map<string, string>();
  for (const { id, posture } of findings) {
    if (posture) continue;
    const chain = [id];
    let parent = parentOf(id);
    while (parent !== undefined && !chain.includes(parent)) {
      chain.push(parent);
      parent = parentOf(parent);
    }
    // Where explanations go in a circle, the gravest of it stands for all.
    const circle = parent === undefined ? chain.slice(-1) : chain.slice(chain.indexOf(parent));
    const root = findings.filter((one) => circle.includes(one.id)).sort(byGravity)[0]?.id;
    if (root !== undefined && root !== id) roots.set(id, root);
  }
  return roots;
}
