'use client';
/** The outcome of a forecast; a click shows it in detail. */
import { StatusMark } from '#components/ui/status.tsx';
import { useSelected } from '#components/ui/use-selected.ts';
import { forecastShown } from '#lib/format/forecast.ts';
import type { Forecast } from '#lib/model/forecast.ts';
import type { ForecastListProps } from './loss-matrix.tsx';

export type OutcomeButtonProps = ForecastListProps & {
  forecast: Forecast;
  /** What fails, for screen readers. */
  label: string;
};

export function OutcomeButton({ forecast, label, model, now, selected }: OutcomeButtonProps) {
  const [, select] = useSelected();
  const { id, outcome, failing, reason } = forecast;
  const isSelected = selected === id;
  const shown = forecastShown(forecast, model, now);
  const [first] = failing;
  if (first === undefined || first.kind === 'endpoints') return null;
  const { kind } = first;
  return (
    <button
      type="button"
      data-forecast={id}
      data-outcome={outcome}
      data-status={shown.status}
      aria-pressed={isSelected}
      title={reason}
      onClick={() => select(kind, isSelected ? null : id.slice(kind.length + 1))}
      className={`rounded-sm border border-transparent px-1 text-left hover:bg-raised aria-pressed:border-accent ${shown.status === 'stale' || shown.status === 'unknown' ? 'hatched' : ''}`}
    >
      <span className="sr-only">{label}: </span>
      <StatusMark {...shown} />
    </button>
  );
}
