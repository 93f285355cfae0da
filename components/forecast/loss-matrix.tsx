'use client';
/** Lose one, lose two: every host beside every host; the diagonal is one host alone. */
import { Empty, Panel } from '#components/ui/panel.tsx';
import { ScrollRegion } from '#components/ui/scroll-region.tsx';
import { failingText } from '#lib/format/forecast.ts';
import type { Forecast } from '#lib/model/forecast.ts';
import type { Model } from '#lib/model/model.ts';
import { OutcomeButton } from './outcome-button.tsx';

const CELL = 'border-t border-line py-1 pr-4 align-top';

export type ForecastListProps = { model: Model; now: number; selected: string | null };

export function LossMatrix({ model, now, selected }: ForecastListProps) {
  const hosts = Object.keys(model.hosts);
  return (
    <Panel id="losses" title="Lose one, lose two" note="The diagonal is one host alone; below it, two at once.">
      {hosts.length === 0 ? (
        <Empty>
          No hosts are named. Put them under <code>hosts:</code> in trellis.yaml.
        </Empty>
      ) : (
        <ScrollRegion label="Lose one, lose two">
          <table className="text-left text-[12px]">
            <caption className="sr-only">what losing each host, and each two of them, would do</caption>
            <thead className="text-text-3">
              <tr>
                <th scope="col" className="sticky left-0 bg-panel py-1 pr-4 font-normal">
                  losing
                </th>
                {hosts.map((host) => (
                  <th key={host} scope="col" className="py-1 pr-4 font-normal whitespace-nowrap">
                    {host}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {hosts.map((host, row) => (
                <tr key={host}>
                  <th scope="row" className={`${CELL} sticky left-0 bg-panel font-semibold whitespace-nowrap`}>
                    {host}
                  </th>
                  {hosts.map((other, column) => (
                    <td key={other} className={`${CELL} ${row === column ? 'bg-raised' : ''}`}>
                      {column <= row && (
                        <Loss forecast={forecastOf(model, host, other)} {...{ model, now, selected }} />
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </Panel>
  );
}

function forecastOf({ forecasts }: Model, one: string, other: string): Forecast | undefined {
  if (one === other) return forecasts[`hosts/${one}`];
  return forecasts[`hosts/${one}+hosts/${other}`] ?? forecasts[`hosts/${other}+hosts/${one}`];
}

function Loss({ forecast, ...props }: ForecastListProps & { forecast: Forecast | undefined }) {
  if (forecast === undefined) return <span className="whitespace-nowrap text-text-3">not forecast</span>;
  return (
    <OutcomeButton forecast={forecast} label={`losing ${failingText(forecast.failing, props.model)}`} {...props} />
  );
}
