/** Judging in time: findings a few times a second at most, forecasts once, and both at once when something changed. */
import { keepEqual } from '#lib/model/equal.ts';
import type { Acknowledgement, Finding } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import { forecastsOf } from '#server/model/forecast.ts';
import { type JudgeOptions, startJudging } from '#server/model/judge.ts';

export type JudgementOptions = JudgeOptions & {
  acknowledged: ReadonlyMap<string, Acknowledgement>;
  /** Told the findings after every look. */
  onFindings(findings: Model['findings']): void;
  /** Which run of a drill (its id) caused a finding of this model, at `now` (epoch ms); null = none did. */
  causeOf?(model: Model, now: number): (finding: Finding) => string | null;
};

const FINDINGS_MS = 250;
const FORECASTS_MS = 1_000;

/** Returns the model with findings and forecasts in it; `news` = do not wait. */
export function startJudgement(options: JudgementOptions): (model: Model, now: number, news: boolean) => Model {
  const judge = startJudging(options);
  let findings: Model['findings'] = {};
  let forecasts: Model['forecasts'] = {};
  let judgedAt = Number.NEGATIVE_INFINITY;
  let forecastAt = Number.NEGATIVE_INFINITY;
  return (model, now, news) => {
    // A clock that was set back must not end the judging.
    if (news || now - judgedAt >= FINDINGS_MS || now < judgedAt) {
      judgedAt = now;
      const found = judge.judge(model, now, options.acknowledged);
      const causeOf = options.causeOf?.({ ...model, findings: found }, now);
      findings = causeOf === undefined ? found : keepEqual(findings, withCauses(found, findings, causeOf));
      options.onFindings(findings);
    }
    if (news || now - forecastAt >= FORECASTS_MS || now < forecastAt) {
      forecastAt = now;
      forecasts = keepEqual(forecasts, forecastsOf(model, now));
    }
    return { ...model, findings, forecasts };
  };
}

/** What a run caused stays so for as long as it is found, also when the run is over. */
function withCauses(
  found: Model['findings'],
  before: Model['findings'],
  causeOf: (finding: Finding) => string | null,
): Model['findings'] {
  return Object.fromEntries(
    Object.values(found).map((one): [string, Finding] => {
      const known = before[one.id];
      const drill = (known?.since === one.since ? known.drill : null) ?? causeOf(one);
      return [one.id, drill === null ? one : { ...one, drill }];
    }),
  );
}
