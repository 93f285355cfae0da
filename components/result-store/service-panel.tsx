/** One Redis service: its master in the Sentinels' word, the terms of a failover, and its data nodes. */
import type { ReactNode } from 'react';
import { DrillLink } from '#components/live/drill-link.tsx';
import { Copyable } from '#components/ui/copyable.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { redisName } from '#lib/format/names.ts';
import { formatAge, formatCount } from '#lib/format/quantity.ts';
import { settle } from '#lib/model/claims.ts';
import { selfMasters } from '#lib/model/masters.ts';
import type { RedisNode } from '#lib/model/redis.ts';
import { redisServiceStatus } from '#lib/model/status.ts';
import { type ClaimWords, claimWords } from './claim-words.ts';
import { NodeTable } from './node-table.tsx';
import { type ServiceProps, sentinelsOf } from './service-state.ts';

/** The service's panel. */
export function ServicePanel({ service, model, now, selected }: ServiceProps) {
  const shown = redisServiceStatus(service, model, now);
  const masters = selfMasters(service, model, now);
  const isSelected = selected?.kind === 'redisServices' && selected.id === service.id;
  return (
    <div
      data-entity={`redisServices/${service.id}`}
      data-status={shown.status}
      className={`min-w-0 rounded-md ${isSelected ? 'outline-2 outline-accent' : ''}`}
    >
      <Panel
        id={`service-${service.id}`}
        title={`Redis service ${service.id}`}
        note={<StatusMark {...shown} />}
        actions={
          <DrillLink
            drill="redis-switch"
            aim={{ kind: 'redisServices', id: service.id }}
            label={`Fail over Redis ${service.id}`}
          >
            Fail over…
          </DrillLink>
        }
      >
        <div className="grid min-w-0 gap-3">
          {masters.length > 1 && <TwoMasters masters={masters} />}
          <Facts service={service} model={model} now={now} />
          <NodeTable service={service} model={model} now={now} selected={selected} />
        </div>
      </Panel>
    </div>
  );
}

function TwoMasters({ masters }: { masters: readonly RedisNode[] }) {
  return (
    <p role="alert" className="rounded-md border border-down/70 p-2.5 text-text">
      <b className="text-[14px] text-down">{masters.length === 2 ? 'Two masters' : `${masters.length} masters`}.</b>{' '}
      {masters.map(({ name }) => name).join(' and ')} call themselves master. What is written to the one that the
      Sentinels demote is lost; watch on the Proxies page which of them gets the results.
    </p>
  );
}

function Facts({ service, model, now }: Omit<ServiceProps, 'selected'>) {
  const total = sentinelsOf(service, model).length;
  const settled = settle(service.master, model.readings, now);
  const master = claimWords(settled, total, (address) => redisName(address, service.id, model));
  const epoch = claimWords(settle(service.epoch, model.readings, now), total, String);
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-2">
      <Fact term="Master">
        <Claimed words={master} />
        {settled.value !== null && <Copyable text={settled.value} />}
      </Fact>
      <Fact term="Epoch">
        <Claimed words={epoch} />
      </Fact>
      <Fact term="Quorum">
        {service.quorum === null ? 'not known' : `${service.quorum} of ${total}`}{' '}
        <span className="text-[12px] text-text-2">to call the master down</span>
      </Fact>
      <Fact term="Down after">
        {service.downAfterMs === null ? 'not known' : formatAge(service.downAfterMs)}{' '}
        <span className="text-[12px] text-text-2">without an answer</span>
      </Fact>
      <Fact term="Known to Sentinels as">
        <Copyable text={service.masterName} />
      </Fact>
      <Fact term="Guarded by">{formatCount(total, 'Sentinel')}</Fact>
    </dl>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-[11px] text-text-3">{term}</dt>
      <dd className="flex min-w-0 flex-wrap items-baseline gap-x-2">{children}</dd>
    </div>
  );
}

function Claimed({ words }: { words: ClaimWords }) {
  return (
    <>
      <b className="font-semibold">{words.what}</b>
      <span className={`text-[12px] ${words.agreed ? 'text-text-2' : 'text-degraded'}`}>{words.by}</span>
    </>
  );
}
