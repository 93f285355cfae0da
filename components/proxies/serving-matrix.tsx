/** Who serves: every proxy beside every backend, and in words what does not fit together. */

import { DrillLink } from '#components/live/drill-link.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
import { ScrollRegion } from '#components/ui/scroll-region.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { Tag } from '#components/ui/tag.tsx';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Proxy, ProxyBackend } from '#lib/model/haproxy.ts';
import type { Model } from '#lib/model/model.ts';
import { type BackendColumn, backendColumns, servingProblems, servingServers } from '#lib/model/proxy-agreement.ts';
import type { Shown } from '#lib/model/status.ts';
import { problemWords, serverName } from './words.ts';

const CELL = 'border-t border-line py-1 pr-4 align-top';

const CARRIES: Readonly<Record<ProxyBackend['carries'], string>> = {
  broker: 'broker',
  results: 'results',
  other: 'something else',
};

/** The matrix, with the verdict above it. */
export function ServingMatrix({ model, now }: { model: Model; now: number }) {
  const proxies = Object.values(model.proxies);
  const columns = backendColumns(proxies);
  return (
    <Panel
      id="who-serves"
      title="Who serves"
      note="Each proxy decides by its own checks. Another broker node at each is normal; results must go to one master."
    >
      <Verdict model={model} now={now} />
      {columns.length === 0 ? (
        <Empty>No proxy has told its backends yet. See on the Sources page what each of them answers.</Empty>
      ) : (
        <ScrollRegion label="Who serves">
          <table className="w-full text-left">
            <caption className="sr-only">the serving server of each backend at each proxy</caption>
            <thead className="text-[12px] text-text-3">
              <tr>
                <th scope="col" className="py-1 pr-4 font-normal">
                  Proxy
                </th>
                {columns.map(({ name, carries }) => (
                  <th key={name} scope="col" className="py-1 pr-4 font-normal whitespace-nowrap">
                    <span className="font-semibold text-text">{name}</span> · {CARRIES[carries]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {proxies.map((proxy) => (
                <MatrixRow key={proxy.id} {...{ proxy, columns, model, now }} />
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </Panel>
  );
}

function Verdict({ model, now }: { model: Model; now: number }) {
  const proxies = Object.values(model.proxies);
  const answering = proxies.filter((proxy) => isCurrent(model.readings[proxy.own], now)).length;
  const problems = servingProblems(model, now).map((problem) => problemWords(problem, model));
  const count = `${answering} of ${proxies.length} proxies answer`;
  if (answering === 0)
    return <Line status="unknown" word="cannot tell" text={`${count}: below is what they said last`} />;
  if (problems.length === 0) return <Line status="ok" word="no contradiction" text={count} />;
  return (
    <ul className="mb-2 grid gap-1">
      {problems.map(({ shown, text }) => (
        <li key={text}>
          <Line {...shown} text={text} />
        </li>
      ))}
    </ul>
  );
}

function Line({ text, ...shown }: Shown & { text: string }) {
  return (
    <p className="flex flex-wrap gap-x-2">
      <StatusMark {...shown} />
      <span className="min-w-0 text-text-2">{text}</span>
    </p>
  );
}

type RowProps = { proxy: Proxy; columns: readonly BackendColumn[]; model: Model; now: number };

function MatrixRow({ proxy, columns, model, now }: RowProps) {
  const isFresh = isCurrent(model.readings[proxy.own], now);
  return (
    <tr className={isFresh ? '' : 'hatched text-stale'}>
      <th scope="row" className={`${CELL} font-semibold whitespace-nowrap`}>
        {proxy.id}
        {!isFresh && <span className="ml-2 text-[12px] font-normal">silent, said last:</span>}
      </th>
      {columns.map(({ name }) => (
        <Serving key={name} backend={proxy.backends.find((one) => one.name === name)} model={model} isFresh={isFresh} />
      ))}
    </tr>
  );
}

type ServingProps = { backend: ProxyBackend | undefined; model: Model; isFresh: boolean };

function Serving({ backend, model, isFresh }: ServingProps) {
  if (backend === undefined) return <td className={`${CELL} text-text-3`}>not here</td>;
  const serving = servingServers(backend);
  return (
    <td className={CELL} data-backend={backend.name} data-serving={backend.serving.join(' ')}>
      {serving.length === 0 && <StatusMark status={isFresh ? 'down' : 'stale'} word="nobody serves" />}
      {serving.map((server) => (
        <span key={server.name} className="mr-3 inline-flex items-center gap-1.5 whitespace-nowrap">
          {serverName(server, model)}
          {server.backup && <Tag look={isFresh ? 'warn' : 'plain'}>backup</Tag>}
          {server.target?.kind === 'brokerNodes' && (
            <DrillLink drill="broker-switch" aim={server.target} label={`Drain ${serverName(server, model)}`}>
              Drain…
            </DrillLink>
          )}
        </span>
      ))}
    </td>
  );
}
