/** Judging in time: findings a few times a second at most, forecasts once, and both at once when something changed. */
import { keepEqual } from '#lib/model/equal.ts';
import type { Acknowledgement } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import { forecastsOf } from '#server/model/forecast.ts';
import { type JudgeOptions, startJudging } from '#server/model/judge.ts';

export type JudgementOptions = JudgeOptions & {
  acknowledged: ReadonlyMap<string, Acknowledgement>;
  /** Told the findings after every look. */
  onFindings(findings: Model['findings']): void;
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
      findings = judge.judge(model, now, options.acknowledged);
      options.onFindings(findings);
    }
    if (news || now - forecastAt >= FORECASTS_MS || now < forecastAt) {
      forecastAt = now;
      forecasts = keepEqual(forecasts, forecastsOf(model, now));
    }
    return { ...model, findings, forecasts };
  };
}
