/** For tests of the findings: the recorded lab after some changes, and what each rule must find in it, and not find. */
import { findingId } from '#lib/model/finding.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { ProbeCode } from '#lib/model/reading.ts';
import { type FoldState, fold } from '#server/model/fold.ts';
import type { Observation } from '#server/model/observation.ts';
import type { Rule } from '#server/model/rule.ts';
import { FIXTURE_AT } from './fixture.ts';
import { LAB_REDUCERS, wholeEstate } from './whole-estate.ts';

/** A moment after the recorded answers, and after one change of each. */
export const NOW = FIXTURE_AT + 1_001;
const LONG_AFTER = NOW + 60_000;

/** The lab's hosts by their numbers. */
export const ALL = [1, 2, 3] as const;

export type Change = (state: FoldState) => FoldState;

/** The next answer of a reading, or its failure, a moment after the one before; `name` = another reading of its endpoint. */
export function next(key: string, outcome: (data: unknown) => object, name?: string): Change {
  return (state) => {
    const before = state.latest.get(key);
    if (before === undefined) throw new Error(`nothing recorded for ${key}`);
    const { source, endpoint, intervalMs, at, failure } = before.reading;
    const head = { source, endpoint, reading: name ?? before.reading.name, intervalMs, tookMs: 1 };
    const observation = { ...head, at: (failure?.at ?? at ?? 0) + 1, ...outcome(before.data) };
    return fold(state, observation as Observation, LAB_REDUCERS);
  };
}

/** The same answer as before, but for this. */
export function answers<D>(key: string, changed: (data: D) => D): Change {
  return next(key, (data) => ({ ok: true, data: changed(data as D) }));
}

/** No answer any more. */
export function fails(key: string, code: ProbeCode): Change {
  return next(key, () => ({ ok: false, code, message: `was ${code}` }));
}

/** The recorded lab after these changes. */
export function labAfter(changes: readonly Change[] = []): Model {
  return changes.reduce((state, change) => change(state), wholeEstate()).model;
}

/** When a rule finds something, and what (`<kind>/<id>`), and when it does not; its severity is the rule's unless told. */
export type Case = { when: string; ill: Model; is: string; severity?: string; unless: string; well: Model };

/** One test: what it guarantees, what comes out, and what must. */
export type Promised = [name: string, got: () => string[], wanted: string[]];

/** The rules of one system, to be asked by their codes. A finding is told as `<severity> <id>`. */
export function ruleBook(rules: readonly Rule[]) {
  function ruleOf(code: string): Rule {
    const rule = rules.find((one) => one.code === code);
    if (rule === undefined) throw new Error(`no rule ${code}`);
    return rule;
  }

  function find(code: string, model: Model, now = NOW): string[] {
    const rule = ruleOf(code);
    return rule
      .find(model, now)
      .map(({ severity = rule.severity, subject }) => `${severity} ${findingId(code, subject)}`);
  }

  function findAll(model: Model): string[] {
    return rules.flatMap(({ code }) => find(code, model));
  }

  // The sentences that rest on nobody who speaks now, or that name nothing.
  function unfounded(code: string, model: Model, names: RegExp): string[] {
    const rule = ruleOf(code);
    const isFounded = (by: string) => rule.aboutSilence === true || isCurrent(model.readings[by], NOW);
    return rule.find(model, NOW).flatMap(({ text, evidence, advice }) => {
      const all = `${text} ${advice.text} ${advice.command}`;
      const isNamed = names.test(text) && !/undefined|NaN|null:|Infinity/.test(all);
      return isNamed && evidence.some(({ by }) => isFounded(by)) ? [] : [all];
    });
  }

  /** What a rule owes by its case; `names` is what its sentence must match. */
  function promisesOf(code: string, { when, ill, is, severity, unless, well }: Case, names = /./): Promised[] {
    return [
      [`is found when ${when}`, () => find(code, ill), [`${severity ?? ruleOf(code).severity} ${code}:${is}`]],
      [`is not found when ${unless}`, () => find(code, well), []],
      ['rests on somebody who speaks for the present, and names names', () => unfounded(code, ill, names), []],
      ['is not found in answers that are too old', () => find(code, ill, LONG_AFTER), []],
    ];
  }

  return { ruleOf, find, findAll, promisesOf };
}
