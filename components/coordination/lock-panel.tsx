'use client';
/** One lock: who holds it, who waits, how often it changed hands, and how it went lately. */
import { SubjectHistory } from '#components/live/subject-history.tsx';
import { Copyable } from '#components/ui/copyable.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { Tag } from '#components/ui/tag.tsx';
import { Age } from '#components/ui/time.tsx';
import { formatCount } from '#lib/format/quantity.ts';
import type { Lock, LockParty } from '#lib/model/consul.ts';
import { freshnessOf } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';

export function LockPanel({ lock, model, now }: { lock: Lock; model: Model; now: number }) {
  const reading = model.readings[lock.by];
  const fresh = reading !== undefined && freshnessOf(reading, now) === 'fresh';
  return (
    <Panel
      id={`lock-${lock.id}`}
      title={`Lock ${lock.id}`}
      note={
        <>
          <Copyable text={lock.key} /> ·{' '}
          {lock.lockIndex === null ? '' : `acquired ${formatCount(lock.lockIndex, 'time')} · `}read{' '}
          <Age at={reading?.at ?? null} suffix=" ago" />
        </>
      }
    >
      <div data-entity={`locks/${lock.id}`} className={`grid gap-1 ${fresh ? '' : 'hatched'}`}>
        {lock.holder === null ? (
          <p className="text-down">Nobody holds it. Consul's lock-delay (15 s unless set) keeps it free for a while.</p>
        ) : (
          <Party party={lock.holder} does="holds it" leads />
        )}
        {lock.standbys.map((party) => (
          <Party key={party.session} party={party} does="waits" />
        ))}
        {lock.standbys.length === 0 && <p className="text-degraded">No standby waits: nobody takes over.</p>}
      </div>
      <div className="mt-2">
        <SubjectHistory
          kind="locks"
          id={lock.id}
          model={model}
          label={`History of ${lock.id}`}
          empty="It has not moved while Trellis watched."
        />
      </div>
    </Panel>
  );
}

function Party({ party, does, leads = false }: { party: LockParty; does: string; leads?: boolean }) {
  return (
    <p className="flex min-w-0 flex-wrap items-center gap-x-2">
      <Tag look={leads ? 'lead' : 'plain'}>
        {leads ? '★ ' : ''}
        {does}
      </Tag>
      <span className="font-semibold">{party.node}</span>
      {party.host !== null && <span className="text-text-2">on {party.host}</span>}
      <span className="text-[12px] text-text-3">
        session <Copyable text={party.session} label={party.session.slice(0, 8)} />
      </span>
    </p>
  );
}
