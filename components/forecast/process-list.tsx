'use client';
/** What each single process's failure would do, host by host. */
import { Empty, Panel } from '#components/ui/panel.tsx';
import { entityName } from '#lib/format/names.ts';
import { hostOfSubject } from '#lib/model/finding.ts';
import { type Forecast, OUTCOMES } from '#lib/model/forecast.ts';
import type { Model } from '#lib/model/model.ts';
import type { ForecastListProps } from './loss-matrix.tsx';
import { OutcomeButton } from './outcome-button.tsx';

const KIND_WORDS: Readonly<Record<string, string>> = {
  brokerNodes: 'broker node',
  redisNodes: 'Redis node',
  sentinels: 'Sentinel',
  proxies: 'HAProxy',
  consulServers: 'Consul server',
  beats: 'beat',
  workers: 'worker',
};
const ELSEWHERE = 'elsewhere';

export function ProcessList(props: ForecastListProps) {
  const { model } = props;
  const byHost = processesByHost(model);
  return (
    <Panel id="processes" title="Lose one process" note="while its host goes on; the gravest first">
      {byHost.size === 0 ? (
        <Empty>No process was forecast.</Empty>
      ) : (
        <div className="grid gap-x-6 gap-y-3 md:grid-cols-2 xl:grid-cols-3">
          {[...byHost].map(([host, forecasts]) => (
            <section key={host} aria-label={host} className="min-w-0">
              <h3 className="mb-0.5 font-semibold">{host}</h3>
              <ul className="text-[12px]">
                {forecasts.map((forecast) => (
                  <ProcessLine key={forecast.id} forecast={forecast} {...props} />
                ))}
              </ul>
            </section>
          ))}
        </div>
      )}
    </Panel>
  );
}

function processesByHost(model: Model): Map<string, Forecast[]> {
  const byHost = new Map<string, Forecast[]>(Object.keys(model.hosts).map((host) => [host, []]));
  for (const forecast of Object.values(model.forecasts)) {
    const [subject] = forecast.failing;
    if (subject === undefined || forecast.failing.length !== 1 || subject.kind === 'hosts') continue;
    const host = hostOfSubject(subject, model) ?? ELSEWHERE;
    byHost.set(host, [...(byHost.get(host) ?? []), forecast]);
  }
  const grave = ({ outcome }: Forecast) => OUTCOMES.indexOf(outcome);
  return new Map(
    [...byHost]
      .filter(([, forecasts]) => forecasts.length > 0)
      .map(([host, forecasts]) => [host, forecasts.sort((a, b) => grave(b) - grave(a) || (a.id < b.id ? -1 : 1))]),
  );
}

function ProcessLine({ forecast, ...props }: ForecastListProps & { forecast: Forecast }) {
  const [subject] = forecast.failing;
  if (subject === undefined) return null;
  const name = entityName(subject.kind, subject.id, props.model);
  return (
    <li className="flex flex-wrap items-baseline gap-x-2 border-t border-line py-0.5">
      <span className="min-w-0 break-words">{name}</span>
      <span className="text-text-3">{KIND_WORDS[subject.kind] ?? subject.kind}</span>
      <span className="ml-auto">
        <OutcomeButton forecast={forecast} label={`losing ${name}`} {...props} />
      </span>
    </li>
  );
}
