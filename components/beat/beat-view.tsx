'use client';
/** The beat page: who schedules, who stands by, how the lock between them moved, and what was scheduled. */
import { DrillLink } from '#components/live/drill-link.tsx';
import { useLive } from '#components/live/live-provider.tsx';
import { SubjectHistory } from '#components/live/subject-history.tsx';
import { Answers } from '#components/ui/answers.tsx';
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panel, Panels } from '#components/ui/panel.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { Tag } from '#components/ui/tag.tsx';
import { Age } from '#components/ui/time.tsx';
import { useSelected } from '#components/ui/use-selected.ts';
import type { Beat, Lock } from '#lib/model/consul.ts';
import type { Model } from '#lib/model/model.ts';
import { beatStatus } from '#lib/model/status.ts';
import { TicksPanel } from './ticks-panel.tsx';

export function BeatView() {
  return (
    <LivePage title="Beat" about="the one scheduler, and those that would take over">
      {(model, now) => {
        const locks = Object.values(model.locks);
        return (
          <Panels>
            {locks.length === 0 && (
              <Empty>
                No lock is watched. Run beat under <code>consul lock</code> and name the lock under consul: locks: in
                trellis.yaml.
              </Empty>
            )}
            {locks.map((lock) => (
              <BeatsOfLock key={lock.id} lock={lock} model={model} now={now} />
            ))}
            <Answers>
              <TicksPanel now={now} />
            </Answers>
          </Panels>
        );
      }}
    </LivePage>
  );
}

function BeatsOfLock({ lock, model, now }: { lock: Lock; model: Model; now: number }) {
  const transitions = useLive((live) => live.transitions);
  const [selected] = useSelected();
  const beats = Object.values(model.beats)
    .filter((beat) => beat.lock === lock.id)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const since = transitions.findLast(({ code, subject }) => code === 'LockHolder' && subject.id === lock.id);
  return (
    <Panel
      id={`beat-${lock.id}`}
      title={`Lock ${lock.id}`}
      note={`key ${lock.key}`}
      actions={
        <DrillLink drill="beat-handover" aim={{ kind: 'locks', id: lock.id }} label={`Hand over lock ${lock.id}`}>
          Hand over…
        </DrillLink>
      }
    >
      <p data-entity={`locks/${lock.id}`} className={`mb-2 text-[14px] ${lock.holder === null ? 'text-down' : ''}`}>
        {lock.holder === null ? (
          'Nobody holds the lock: nothing is scheduled until somebody does.'
        ) : (
          <>
            <b className="font-semibold">{lock.holder.host ?? lock.holder.node}</b> schedules
            {since !== undefined && (
              <>
                , since <Age at={since.at} />
              </>
            )}
            ; {standbyText(lock.standbys.length)}
          </>
        )}
      </p>
      <ul className="grid gap-2 sm:grid-cols-2 xl:grid-cols-3">
        {beats.map((beat) => (
          <BeatCard
            key={beat.id}
            beat={beat}
            model={model}
            now={now}
            isSelected={selected?.kind === 'beats' && selected.id === beat.id}
          />
        ))}
      </ul>
      <h3 className="mt-3 mb-1 font-semibold">How the lock moved</h3>
      <SubjectHistory
        kind="locks"
        id={lock.id}
        model={model}
        label="How the lock moved"
        empty="It has not moved while Trellis watched."
      />
    </Panel>
  );
}

function standbyText(count: number): string {
  if (count === 0) return 'no standby waits: nobody would take over';
  return count === 1 ? 'one standby waits' : `${count} standbys wait`;
}

type CardProps = { beat: Beat; model: Model; now: number; isSelected: boolean };

function BeatCard({ beat, model, now, isSelected }: CardProps) {
  const shown = beatStatus(beat, model, now);
  const holds = beat.role === 'holder' && shown.status === 'ok';
  return (
    <li
      data-entity={`beats/${beat.id}`}
      data-status={shown.status}
      className={`min-w-0 rounded-md border px-3 py-2 ${isSelected ? 'border-accent' : 'border-line'}`}
    >
      <p className="flex items-center gap-2">
        <b className="truncate font-semibold">{beat.id}</b>
        {holds && <Tag look="lead">★ holds the lock</Tag>}
        <span className="ml-auto text-[11px] text-text-3">
          <Age at={model.readings[beat.by]?.at ?? null} />
        </span>
      </p>
      <p className="flex flex-wrap gap-x-2 text-[12px] text-text-2">
        <StatusMark {...shown} />
        <span>Consul node {beat.node}</span>
        {beat.goneSince !== null && (
          <span>
            gone for <Age at={beat.goneSince} />
          </span>
        )}
      </p>
    </li>
  );
}
